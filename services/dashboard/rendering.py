"""Pages from templates: every value escaped, what all pages show put in."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.dashboard.access import host_name
from services.dashboard.context import Context
from services.dashboard.forms import CSRF_COOKIE, csrf_is_ours, new_csrf
from services.dashboard.wording import FILTERS, Names

THEME_COOKIE = "hw_theme"
THEMES = ("light", "dark")
PACKAGE = Path(str(resources.files("services.dashboard")))


class Pages:
    """The templates and the files that go with them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names = Names(context.taxonomy, context.sources)
        self._digests: dict[str, str] = {}
        self._environment = Environment(
            loader=FileSystemLoader(PACKAGE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = self.static
        self._environment.filters.update(FILTERS)

    def static(self, name: str) -> str:
        """The address of a file of ours; it changes with the file, so a browser may keep it for ever."""
        if name not in self._digests:
            digest = hashlib.sha256((PACKAGE / "static" / name).read_bytes()).hexdigest()
            self._digests[name] = f"/static/{name}?v={digest[:12]}"
        return self._digests[name]

    def answer(self, request: Request, template: str, status: int, values: dict[str, Any]) -> HTMLResponse:
        """See `page`."""
        context = self._context
        token = request.cookies.get(CSRF_COOKIE, "")
        fresh = not csrf_is_ours(context.keys, token)
        if fresh:
            token = new_csrf(context.keys, context.random)
        theme = request.cookies.get(THEME_COOKIE, "")
        shared = {
            "csrf": token,
            "theme": theme if theme in THEMES else "",
            "who": request.scope.get("state", {}).get("who"),
            "path": request.url.path,
            "address": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "q": "",
            "names": self._names,
            "now": context.clock(),
        }
        html = self._environment.get_template(template).render(shared | values)
        answer = HTMLResponse(html, status)
        if fresh:
            secure = is_secure(context, request)
            answer.set_cookie(CSRF_COOKIE, token, httponly=True, samesite="strict", secure=secure)
        return answer


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. `values` go to the template, over what every page gets:

    `csrf`, `theme`, `who` (local, session, token or None), `path`, `address`, `q` (the search box), `names`, `now`.
    """
    pages: Pages = request.app.state.pages
    return pages.answer(request, template, status, values)


def is_secure(context: Context, request: Request) -> bool:
    """Whether cookies may be bound to https: where the request came by it, through our own proxy too."""
    public = urlsplit(context.settings.public_url or "")
    ours = public.scheme == "https" and public.hostname == host_name(request.headers.get("host", ""))
    return ours or request.url.scheme == "https"
