"""`/api/v1/sources`: where articles come from."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.dashboard.addresses import source_path
from services.dashboard.api.desk_shapes import (
    SOURCE_SENT,
    SOURCE_TOLD,
    SourceChange,
    SourcesAnswer,
    SourceSent,
    SourceTold,
)
from services.dashboard.api.sent import Sent, gives, read_body, takes
from services.dashboard.api.shapes import as_json, told_problems
from services.dashboard.forms import Ctx, own_write
from services.dashboard.source_form import as_seconds
from services.dashboard.source_list import Row, Wanted, row, rows, sources_of
from shared.contracts.messages import Source
from shared.contracts.sources import Health
from shared.sources import id_for

router = APIRouter(prefix="/api/v1", tags=["sources"])
WRITES = [Depends(own_write)]
MOST = 1000
PATH = "/sources/{id}"


@router.get(
    "/sources",
    responses=gives(SourcesAnswer, {"results": [SOURCE_TOLD], "next_cursor": None}, 503),
    summary="The sources there are",
)
def sources(
    context: Ctx,
    find: Annotated[str, Query(max_length=200, description="Words of name, address, id, groups.")] = "",
    health: Annotated[Health | None, Query(description="Those alone that stand so.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 200,
    cursor: Annotated[str, Query(max_length=512, description="`next_cursor` of the page before.")] = "",
) -> Response:
    """All of them, by id, with what is known of each."""
    wanted = Wanted(find, health or "")
    found = sorted((r for r in rows(context) if wanted.fits(r)), key=lambda r: r.source.id)
    left = [each for each in found if each.source.id > cursor]
    next_cursor = left[limit - 1].source.id if len(left) > limit else None
    return as_json(SourcesAnswer(results=tuple(map(_told, left[:limit])), next_cursor=next_cursor))


@router.post(
    "/sources",
    status_code=201,
    dependencies=WRITES,
    openapi_extra=takes(SourceSent, SOURCE_SENT),
    responses=gives(SourceTold, SOURCE_TOLD, 403, 415, 503, status=201),
    summary="Add a source",
)
def add(context: Ctx, body: Sent) -> Response:
    """It is looked at within seconds; ask for it again to hear what was found."""
    sent, known = read_body(body, SourceSent), sources_of(context)
    values = _with_seconds(msgspec.structs.asdict(sent))
    values["id"] = sent.id or id_for(sent.url, known.table().sources)
    added = known.add(Source(**values))
    answer = as_json(_told(row(context, added.id)), 201)
    answer.headers["Location"] = f"/api/v1{source_path(added.id)}"
    return answer


@router.get(PATH, responses=gives(SourceTold, SOURCE_TOLD, 404, 503), summary="One source")
def one(context: Ctx, id: str) -> Response:
    """All that is known of it."""
    return as_json(_told(row(context, id)))


@router.patch(
    PATH,
    dependencies=WRITES,
    openapi_extra=takes(SourceChange, {"enabled": False}),
    responses=gives(SourceTold, SOURCE_TOLD, 403, 404, 415, 503),
    summary="Change a source",
)
def change(context: Ctx, id: str, body: Sent) -> Response:
    """What is given changes, the rest stays; `enabled: false` switches it off."""
    sent = msgspec.structs.asdict(read_body(body, SourceChange))
    changes = _with_seconds({name: v for name, v in sent.items() if v is not msgspec.UNSET})
    if changes:
        sources_of(context).change(id, **changes)
    return as_json(_told(row(context, id)))


@router.delete(
    PATH,
    dependencies=WRITES,
    status_code=204,
    responses=told_problems(403, 404, 415, 503),
    summary="Take a source out",
)
def remove(context: Ctx, id: str) -> Response:
    """It is looked at no more; its articles stay."""
    sources_of(context).remove(id)
    return Response(status_code=204)


def _with_seconds(values: dict[str, Any]) -> dict[str, Any]:
    """With durations as people write them read into seconds. Raises BadSource."""
    written = {name: values[name] for name in ("interval", "delay") if isinstance(values.get(name), str)}
    return values | {name: as_seconds(name, value) for name, value in written.items()}


def _told(row: Row) -> SourceTold:
    values = msgspec.structs.asdict(row.source)
    if state := row.state:
        values |= {
            name: getattr(state, name)
            for name in (
                "title", "registered_at", "polled_at", "next_poll", "ok_at", "last_new_at", "entries_seen",
                "entries_new", "failures",
            )
        }  # fmt: skip
        values |= {"found_kind": state.kind, "read_from": state.moved_to}
    says = row.state.says if row.state and row.health not in ("disabled", "new") else row.says
    return SourceTold(**values, origin=row.origin, health=row.health, says=says)
