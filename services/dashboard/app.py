"""The dashboard as one application: pages for people, an API and feeds for programs."""

from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from services.dashboard.api import alliances as api_alliances
from services.dashboard.api import articles as api_articles
from services.dashboard.api import corrections as api_corrections
from services.dashboard.api import documentation, feeds, private_feeds, status, stream
from services.dashboard.api import events as api_events
from services.dashboard.api import search as api_search
from services.dashboard.api import sources as api_sources
from services.dashboard.api import subscriptions as api_subscriptions
from services.dashboard.context import Context
from services.dashboard.errors import install_errors
from services.dashboard.guard import Guard
from services.dashboard.operations import Operations
from services.dashboard.pages import (
    alert,
    alerts,
    alliances,
    articles,
    corrections,
    dead_letters,
    events,
    login,
    ops,
    preferences,
    probes,
    search,
    sources,
)
from services.dashboard.rendering import PACKAGE, Pages
from services.dashboard.streaming import Hub

READER = (search, corrections, articles, events, alliances)
DESK = (alerts, alert, sources, ops, dead_letters)
PAGES = (probes, login, preferences, *READER, *DESK, documentation)
API_READER = (api_search, api_corrections, api_articles, api_events, api_alliances)
API = (*API_READER, stream, api_subscriptions, api_sources, status, feeds, private_feeds)
ABOUT = "Heritage news: articles, events and alliances, with the words that prove each label."


class _Files(StaticFiles):
    """Our own files. Their addresses change with them, so a browser keeps them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(context: Context) -> FastAPI:
    """The application over these engines."""
    app = FastAPI(
        title="Heritage Wire",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.context = context
    app.state.pages = Pages(context)
    app.state.operations = Operations(context)
    app.state.hub = Hub(context.bus, context.stopping)
    app.add_middleware(Guard, context=context)
    install_errors(app)
    for part in (*PAGES, *API):
        app.include_router(part.router)
    documentation.install_openapi(app)
    app.mount("/static", _Files(directory=PACKAGE / "static"), name="static")
    return app
