"""What is sent to the API: a body of JSON, read into its shape, or a fault that names the field; and how routes tell of it."""

import re
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Depends, Request

from services.dashboard.api.shapes import REF, told_problems

Shape = TypeVar("Shape")
_PATH = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
_NAMED = re.compile(r"field `([^`]*)`")


class BadBody(ValueError):
    """A body that is not what the route takes. `field` names what is wrong in it, empty for the whole."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


async def _whole(request: Request) -> bytes:
    return await request.body()


Sent = Annotated[bytes, Depends(_whole)]


def read_body(body: bytes, shape: type[Shape]) -> Shape:
    """The body as this shape. Raises BadBody."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as e:
        words = str(e)
        path = _PATH.search(words)
        inside = path[1] if path else ""
        words = _PATH.sub("", words)
        named = _NAMED.search(words)
        raise BadBody(".".join(filter(None, (inside, named[1] if named else ""))), words) from e
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise BadBody("", f"the body is no JSON: {e}") from e


def takes(shape: type, example: Any) -> dict[str, Any]:
    """The `openapi_extra` of a route that takes a body of this shape."""
    content = {"schema": {"$ref": f"{REF}{shape.__name__}"}, "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def gives(shape: type, example: Any, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: its shape with an example, and the problems it may answer with."""
    content = {"schema": {"$ref": f"{REF}{shape.__name__}"}, "example": example}
    right = {"description": (shape.__doc__ or "").split("\n")[0], "content": {"application/json": content}}
    return {status: right, **told_problems(*problems)}
