"""Dead letters: what could not be handled, why, and what to do with it."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.forms import Ctx, SentForm
from services.dashboard.pages.ops import operations_of
from services.dashboard.rendering import page
from shared.contracts.messages import DeadLetter
from shared.dead_letters import close, readable, replay

router = APIRouter(include_in_schema=False)
MOST_ROWS = 100
# Of one press; the command takes more.
MOST_AT_ONCE = 1000
LONGEST_MESSAGE = 20_000


@router.get("/ops/dead-letters")
def letters_page(
    request: Request, done: Annotated[str, Query(max_length=20)] = "", count: int = 0
) -> Response:
    """Those that nobody has dealt with, newest first."""
    letters = operations_of(request).letters.open()
    return page(
        request,
        "ops/letters.html",
        letters=letters[:MOST_ROWS],
        total=len(letters),
        most=MOST_AT_ONCE,
        done=done,
        count_done=max(0, count),
    )


@router.post("/ops/dead-letters/replay")
def replay_all(request: Request, context: Ctx, _form: SentForm) -> Response:
    """Put them all back on their topics; those whose message is gone stay."""
    operations, replayed = operations_of(request), 0
    for head in operations.letters.open()[:MOST_AT_ONCE]:
        letter = operations.letters.find(head.id)
        try:
            if letter is not None:
                replay(context.bus, context.store, letter)
                replayed += 1
        except LookupError:
            continue
    operations.forget()
    return RedirectResponse(f"/ops/dead-letters?done=replayed&count={replayed}", 303)


@router.get("/ops/dead-letters/{id}")
def letter_page(request: Request, id: str) -> Response:
    """One of them, with its message."""
    letter = _letter(request, id)
    message = readable(letter)
    return page(
        request,
        "ops/letter.html",
        letter=letter,
        message=message[:LONGEST_MESSAGE],
        cut=len(message) > LONGEST_MESSAGE,
    )


@router.post("/ops/dead-letters/{id}/replay")
def replay_one(request: Request, context: Ctx, id: str, _form: SentForm) -> Response:
    """Put it back on its topic, behind live news."""
    try:
        replay(context.bus, context.store, _letter(request, id))
    except LookupError as e:
        raise HTTPException(
            409, f"It cannot be replayed: {e}. Fetch the document anew, or drop the letter."
        ) from e
    operations_of(request).forget()
    return RedirectResponse("/ops/dead-letters?done=replayed&count=1", 303)


@router.post("/ops/dead-letters/{id}/drop")
def drop_one(request: Request, context: Ctx, id: str, _form: SentForm) -> Response:
    """Close it without another try."""
    close(context.store, _letter(request, id), "dropped")
    operations_of(request).forget()
    return RedirectResponse("/ops/dead-letters?done=dropped&count=1", 303)


def _letter(request: Request, id: str) -> DeadLetter:
    letter = operations_of(request).letters.find(id)
    if letter is None:
        raise HTTPException(
            404, f"There is no dead letter {id[:100]}. It may have been replayed or dropped already."
        )
    return letter
