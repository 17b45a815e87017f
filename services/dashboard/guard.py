"""What stands before every request: the Host it names, its size, who asks; and the headers on every answer."""

import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.dashboard.access import SESSION_COOKIE, host_is_ours, who_asks
from services.dashboard.context import Context
from services.dashboard.errors import answer_error

log = logging.getLogger(__name__)

LARGEST_BODY = 2 * 1024 * 1024
LONGEST_ADDRESS = 16 * 1024
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Open to everybody: they tell nothing that is not told to all, or ask for a token of their own.
OPEN = ("/login", "/static/", "/health/", "/feeds/alerts/")
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Nothing to other sites; to ourselves, for without it browsers send our own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class TooLarge(Exception):
    """The body of a request grew beyond what is taken."""


class Guard:
    """The outermost of the application; streams pass through it piece by piece."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, told = time.perf_counter(), _Told(scope, send)
        if scope["method"] == "HEAD":  # answered as a GET is, without its body
            scope = {**scope, "method": "GET", "state": {**scope.get("state", {}), "bodiless": True}}
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, told)
            else:
                await self._app(scope, _Bounded(receive), told)
        except TooLarge:
            if not told.status:
                await answer_error(Request(scope), 413, _TOO_LARGE)(scope, receive, told)
        except Exception:  # told in words, and in the log with its trace
            log.exception("%s %s broke", scope["method"], scope["path"])
            if told.status:
                raise
            await answer_error(Request(scope), 500, _BROKEN)(scope, receive, told)
        finally:
            self._count(scope, told.status, time.perf_counter() - started)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further; None for one that may."""
        request, context = Request(scope), self._context
        scope.setdefault("state", {})["who"] = None
        path, host = request.url.path, request.headers.get("host", "")
        probe = path.startswith("/health/")  # a probe asks by whatever name its network gives us
        if not probe and not host_is_ours(context.settings, host):
            return PlainTextResponse(_unknown_host(host), 421)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
            return answer_error(request, 414, f"An address may have {LONGEST_ADDRESS} characters.")
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return answer_error(request, 413, _TOO_LARGE)
        client = request.client.host if request.client else ""
        session = request.cookies.get(SESSION_COOKIE, "")
        who = who_asks(context.settings, context.keys, client, request.headers, session, context.clock())
        scope["state"]["who"] = who
        if who is None and not path.startswith(OPEN):
            return _must_log_in(request)
        return None

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        name = getattr(route, "path", "none")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._context.metrics.requests.labels(method, name, str(status)).inc()
        self._context.metrics.seconds.labels(name).observe(seconds)


_BROKEN = "Something broke on our side. What it was stands in the log of the dashboard."
_TOO_LARGE = f"A request may carry {LARGEST_BODY // 1024 // 1024} MiB."


def _unknown_host(host: str) -> str:
    return (
        f"This server is not called {host[:100] or 'nothing'}. Open it by the address it printed, or set "
        "HERITAGE_WIRE_PUBLIC_URL to the address people use."
    )


def _must_log_in(request: Request) -> Response:
    path = request.url.path
    if request.method not in ("GET", "HEAD") or path.startswith(
        ("/api/", "/feeds/", "/metrics", "/openapi.json")
    ):
        words = "Send the login token as 'Authorization: Bearer TOKEN'; 'heritage-wire dashboard --token' prints it."
        answer = answer_error(request, 401, words)
        scheme = "Basic" if path.startswith("/feeds/") else "Bearer"
        answer.headers["WWW-Authenticate"] = f'{scheme} realm="Heritage Wire"'
        return answer
    asked = path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)


class _Told:
    """Sends on what is said, with our headers on it, and remembers the status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._kept = scope["path"].startswith("/static/")
        self._bodiless = scope["method"] == "HEAD"
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if not self._kept:
                headers.setdefault("Cache-Control", "private, no-cache")
        elif self._bodiless:
            message = {**message, "body": b""}
        await self._send(message)


class _Bounded:
    """Receives no more than a request may carry."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._got = 0

    async def __call__(self) -> Message:
        message: Any = await self._receive()
        self._got += len(message.get("body", b""))
        if self._got > LARGEST_BODY:
            raise TooLarge
        return dict(message)
