"""The OpenAPI document with the shapes of the contracts, and a page of ours that shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from services.dashboard.api.shapes import components
from services.dashboard.rendering import page

router = APIRouter(include_in_schema=False)
BEARER = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The login token; on this machine none."}
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a caller may say, and what it may be."""

    name: str
    where: str
    required: bool
    about: str
    values: str
    default: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address, as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Parameter]
    body: str
    answers: str


def install_openapi(app: FastAPI) -> None:
    """Have `/openapi.json` tell what the API takes and gives."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            known = made.setdefault("components", {})
            known["schemas"] = {**known.get("schemas", {}), **components()}
            if "HTTPValidationError" not in str(made["paths"]):  # ours are told as Problem
                known["schemas"].pop("HTTPValidationError", None)
                known["schemas"].pop("ValidationError", None)
            known["securitySchemes"] = BEARER
            made["security"] = [{}, {"bearer": []}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


@router.get("/api/docs")
def docs(request: Request) -> Response:
    """The API, in words."""
    document = request.app.openapi()
    return page(
        request,
        "api/docs.html",
        operations=list(_operations(document)),
        schemas=sorted(document["components"]["schemas"].items()),
        base=str(request.base_url).rstrip("/"),
    )


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told.get("summary", ""),
                description=told.get("description", ""),
                parameters=[_parameter(each) for each in told.get("parameters", [])],
                body=_shape(told.get("requestBody", {})),
                answers=next(
                    filter(None, (_shape(told["responses"].get(n, {})) for n in ("200", "201"))), ""
                ),
            )


def _parameter(told: Mapping[str, Any]) -> Parameter:
    schema = told.get("schema", {})
    if "enum" in schema:
        values = " | ".join(map(str, schema["enum"]))
    elif "minimum" in schema:
        values = f"{schema['minimum']} to {schema['maximum']}"
    else:
        values = str(schema.get("type", "text"))
    default = schema.get("default")
    return Parameter(
        name=told["name"],
        where=told["in"],
        required=bool(told.get("required")),
        about=told.get("description", ""),
        values=values.replace("string", "text"),
        default="" if default in (None, "") else str(default),
    )


def _shape(content: Mapping[str, Any]) -> str:
    """The name of the schema of a body."""
    for kind in content.get("content", {}).values():
        return str(kind.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""
