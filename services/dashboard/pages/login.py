"""Logging in with the token that was made at first start, and out again."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.access import SESSION_COOKIE, SESSION_LASTS, new_session, same
from services.dashboard.addresses import own_address
from services.dashboard.forms import Ctx, SentForm
from services.dashboard.rendering import is_secure, page

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, next: Annotated[str, Query()] = "/") -> Response:
    """The form."""
    return page(request, "login.html", next=own_address(next), wrong="")


@router.post("/login")
def log_in(request: Request, context: Ctx, form: SentForm) -> Response:
    """Take the token; a wrong one is said so, and too many of them have to wait."""
    now, client = context.clock(), request.client.host if request.client else ""
    next = own_address(str(form.get("next", "/")))
    if not context.tries.may_try(client, now):
        words = "Too many wrong tokens. Wait a minute, then try again."
        answer: Response = page(request, "login.html", 429, next=next, wrong=words)
        answer.headers["Retry-After"] = "60"
        return answer
    if not same(str(form.get("token", "")).strip(), context.keys.token):
        context.tries.was_wrong(client, now)
        words = "That is not the token. 'heritage-wire dashboard --token' prints it on the machine that runs this."
        return page(request, "login.html", 403, next=next, wrong=words)
    answer = RedirectResponse(next, 303)
    answer.set_cookie(
        SESSION_COOKIE,
        new_session(context.keys, now),
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(context, request),
    )
    return answer


@router.post("/logout")
def log_out(_form: SentForm) -> Response:
    """Forget the session."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(SESSION_COOKIE)
    return answer
