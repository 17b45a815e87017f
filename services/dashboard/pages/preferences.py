"""What a reader chose for this browser: light or dark."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import own_address
from services.dashboard.forms import Ctx, SentForm
from services.dashboard.rendering import THEME_COOKIE, THEMES, is_secure

router = APIRouter(include_in_schema=False)
A_YEAR = 365 * 86400


@router.post("/theme")
def choose_theme(request: Request, context: Ctx, form: SentForm) -> Response:
    """Keep the choice in a cookie and go back; anything else than light or dark means as the system says."""
    answer = RedirectResponse(own_address(str(form.get("next", "/"))), 303)
    theme = str(form.get("theme", ""))
    if theme in THEMES:
        secure = is_secure(context, request)
        answer.set_cookie(THEME_COOKIE, theme, max_age=A_YEAR, samesite="lax", secure=secure)
    else:
        answer.delete_cookie(THEME_COOKIE)
    return answer
