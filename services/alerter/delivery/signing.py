"""Signatures by Standard Webhooks (https://www.standardwebhooks.com): v1, HMAC-SHA256 of `id.timestamp.body`."""

import base64
import binascii
from contextlib import suppress
from datetime import datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"


def signatures(secret: str, id: str, at: datetime, body: str) -> str:
    """The `webhook-signature` header.

    A secret is base64, after `whsec_` or by itself. One that somebody chose as plain words can be read in two ways,
    as base64 or as its own bytes: it is signed in both, as the standard allows, and the receiver finds its own.
    """
    return " ".join(
        dict.fromkeys(Webhook(key).sign(msg_id=id, timestamp=at, data=body) for key in _keys(secret))
    )


def _keys(secret: str) -> list[bytes]:
    said = secret.removeprefix(PREFIX)
    decoded = b""
    with suppress(binascii.Error, ValueError):
        # Lenient, as the receivers' libraries are: padding may be absent, other characters are passed over.
        decoded = base64.b64decode(said + "==")
    plain = [secret.encode()] if said == secret or not decoded else []
    return [key for key in (decoded, *plain) if key]
