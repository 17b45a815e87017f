"""What is shown once: the secrets of an alert just made or changed, to the browser that did it and for a few minutes."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from services.dashboard.access import Keys, same, sign
from services.dashboard.context import Context
from services.dashboard.rendering import is_secure

COOKIE = "hw_reveal"
LASTS = timedelta(minutes=5)


def reveal_next(context: Context, request: Request, answer: Response, id: str) -> None:
    """Have the next look at this alert show its secrets. The cookie holds no secret, only that it may."""
    until = str(int((context.clock() + LASTS).timestamp()))
    value = f"{until}.{_signature(context.keys, id, until)}"
    secure = is_secure(context, request)
    answer.set_cookie(
        COOKIE, value, max_age=int(LASTS.total_seconds()), httponly=True, samesite="strict", secure=secure
    )


def may_reveal(context: Context, request: Request, id: str) -> bool:
    """Whether the secrets of this alert may be shown now."""
    return _holds(context.keys, request.cookies.get(COOKIE, ""), id, context.clock())


def revealed(answer: Response) -> None:
    """That was it: another look shows them no more."""
    answer.delete_cookie(COOKIE)


def _holds(keys: Keys, value: str, id: str, now: datetime) -> bool:
    until, _, signature = value.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 15):
        return False
    return same(signature, _signature(keys, id, until)) and now.timestamp() < int(until)


def _signature(keys: Keys, id: str, until: str) -> str:
    return sign(keys, "reveal", id, until)
