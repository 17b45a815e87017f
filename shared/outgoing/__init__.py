"""The one guard through which every outgoing HTTP request passes, of the crawler and of deliveries alike.

Outside are hosts that may lead a request to our own network, never stop sending, or send a gigabyte as a kilobyte.
Nothing else in the product opens a connection to a host that a user or a page has named.
"""

from shared.outgoing.addresses import Networks, refusal
from shared.outgoing.answer import DELIVERY, DOCUMENT, Answer, Headers, Limits
from shared.outgoing.client import OutgoingClient, user_agent
from shared.outgoing.errors import BadAnswer, OutgoingError, Refused, TimedOut, TooLarge, Unreachable
from shared.outgoing.urls import checked_url

__all__ = [
    "DELIVERY",
    "DOCUMENT",
    "Answer",
    "BadAnswer",
    "Headers",
    "Limits",
    "Networks",
    "OutgoingClient",
    "OutgoingError",
    "Refused",
    "TimedOut",
    "TooLarge",
    "Unreachable",
    "checked_url",
    "refusal",
    "user_agent",
]
