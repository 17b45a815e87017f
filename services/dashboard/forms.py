"""Writes that came from our own pages: a signed token in the form and in a cookie, and the browser's own word.

`form = Depends(sent_form)` gives the fields of a form post, or refuses it. `Depends(own_write)` guards a write of the API.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData

from services.dashboard.access import Keys, same, sign
from services.dashboard.context import Context, context_of

CSRF_COOKIE = "hw_csrf"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-heritage-wire"


def new_csrf(keys: Keys, random: Callable[[int], bytes]) -> str:
    """A token for cookie and form."""
    value = random(16).hex()
    return f"{value}.{sign(keys, 'csrf', value)}"


def csrf_is_ours(keys: Keys, token: str) -> bool:
    """Whether we made this token."""
    value, _, signature = token.partition(".")
    return bool(value) and same(signature, sign(keys, "csrf", value))


def from_elsewhere(request: Request) -> bool:
    """Whether the browser says that another site's page asks for this."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    public = urlsplit(context_of(request).settings.public_url or "").netloc
    return urlsplit(origin).netloc.lower() not in {
        request.headers.get("host", "").lower(),
        public.lower(),
    } - {""}


async def sent_form(request: Request) -> FormData:
    """The fields of a form of ours. Raises HTTPException 403 for one that is not."""
    form = await request.form(max_files=4, max_fields=200)
    given, kept = str(form.get(CSRF_FIELD, "")), request.cookies.get(CSRF_COOKIE, "")
    keys = context_of(request).keys
    if from_elsewhere(request) or not (same(given, kept) and csrf_is_ours(keys, given)):
        raise HTTPException(
            403,
            "This form was not sent from our own page, or the page is old. Go back, reload it and try again.",
        )
    return form


def own_write(request: Request) -> None:
    """Let a write of the API pass: with a bearer token, or from no other site's page. Raises HTTPException 403, 415.

    A page of another site can send a plain form unasked, but nothing with this header or a body of JSON: the
    browser would ask us first.
    """
    if request.state.who == "token":
        return
    if from_elsewhere(request):
        raise HTTPException(
            403, "Another site's page asked for this. Writes come from our own pages or with a token."
        )
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (
        kind not in ("application/json", "application/yaml", "application/xml")
        and CSRF_HEADER not in request.headers
    ):
        raise HTTPException(
            415, "Send Content-Type: application/json, or the header X-Heritage-Wire: 1, or a bearer token."
        )


SentForm = Annotated[FormData, Depends(sent_form)]
Ctx = Annotated[Context, Depends(context_of)]
