"""Errors in words: a page for people, `application/problem+json` (RFC 9457) for programs, never a trace."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.dashboard.api.sent import BadBody
from services.dashboard.event_list import BadPlace
from services.dashboard.rendering import page
from shared.bus.port import BusUnavailable
from shared.corrections.asked import BadCorrection
from shared.corrections.keeping import UnknownCorrection
from shared.index.port import BadCursor, IndexUnavailable, TooBroad
from shared.query.parse import QueryError
from shared.sources import BadSource, UnknownSource
from shared.store.port import StoreUnavailable
from shared.subscriptions import BadSubscription, UnknownSubscription

log = logging.getLogger(__name__)

FOR_PROGRAMS = ("/api/v1/", "/feeds/", "/metrics", "/health/", "/openapi.json")
UNAVAILABLE = (IndexUnavailable, StoreUnavailable, BusUnavailable)
WORDS = {
    404: "There is no such page.",
    405: "This address does not take that method.",
}


def problem(request: Request, status: int, detail: str, **more: Any) -> Response:
    """An error for programs; `more` are further members, such as the position in a query."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")


def answer_error(request: Request, status: int, detail: str, **more: Any) -> Response:
    """An error as whoever asks can read it."""
    if request.url.path.startswith(FOR_PROGRAMS):
        return problem(request, status, detail, **more)
    return page(request, "error.html", status, code=status, phrase=HTTPStatus(status).phrase, detail=detail)


def install_errors(app: FastAPI) -> None:
    """Have every error answered in words."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(QueryError, _bad_query)
    for bad in (BadCursor, BadPlace, TooBroad):
        app.add_exception_handler(bad, _bad_search)
    for field in (BadSubscription, BadSource, BadCorrection):
        app.add_exception_handler(field, _bad_field)
    app.add_exception_handler(BadBody, _bad_body)
    for gone in (UnknownSubscription, UnknownSource, UnknownCorrection):
        app.add_exception_handler(gone, _unknown)
    for down in UNAVAILABLE:
        app.add_exception_handler(down, _unavailable)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for nothing else)
    told = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
    words = str(told or WORDS.get(error.status_code, error.detail))
    answer = answer_error(request, error.status_code, words)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [
        {"where": ".".join(str(part) for part in fault["loc"]), "message": str(fault["msg"])}
        for fault in error.errors()
    ]
    words = "; ".join(f"{fault['where']}: {fault['message']}" for fault in faults)
    return answer_error(request, 422, words, errors=faults)


def _bad_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, QueryError)  # noqa: S101
    return answer_error(
        request, 400, str(error), position=error.position, expected=error.expected, message=error.message
    )


def _bad_search(request: Request, error: Exception) -> Response:
    return answer_error(request, 400, str(error))


def _bad_field(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadSubscription | BadSource | BadCorrection)  # noqa: S101
    place: dict[str, Any] = {}
    if isinstance(error, BadSubscription) and error.position is not None:
        place = {"position": error.position, "expected": error.expected}
    return answer_error(request, 422, str(error), field=error.field, message=error.message, **place)


def _bad_body(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadBody)  # noqa: S101
    return answer_error(request, 422, str(error), field=error.field, message=error.message)


def _unknown(request: Request, error: Exception) -> Response:
    return answer_error(request, 404, f"{str(error)[:1].upper()}{str(error)[1:]}.")


def _unavailable(request: Request, error: Exception) -> Response:
    log.error("%s: %s", request.url.path, error)
    answer = answer_error(
        request, 503, f"A part we need does not answer now: {error}. Try again in a moment."
    )
    answer.headers["Retry-After"] = "5"
    return answer
