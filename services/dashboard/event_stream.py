"""Server-sent events (HTML Living Standard): an answer that goes on, with a heartbeat, and ends in words."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.dashboard.streaming import Hub, Listener

# Seconds. Proxies end connections on which nothing passes for a minute.
HEARTBEAT = 15.0
# How soon it is noticed that the server is to stop.
LOOK = 0.5
# A connection takes no more from us: whoever reads so slowly is gone.
SEND_WITHIN = 30.0
# A browser comes back by itself, with its session looked at anew.
LASTS = 3600.0
RETRY_AFTER_MS = 3000


class EventStream(Response):
    """What a listener is told, until it goes, is too slow, the server stops, or an hour is over."""

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: Hub,
        listener: Listener,
        stopping: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})
        # A stream has no length.
        del self.headers["content-length"]
        self._hub, self._listener, self._stopping, self._clock = hub, listener, stopping, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, and leave the hub however it ends."""
        gone = asyncio.create_task(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._tell(send, gone)
            if not gone.done():
                await _sent(send, b"", more=False)
        except TimeoutError:
            return  # it takes nothing any more: the server closes the connection
        finally:
            self._hub.leave(self._listener)
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    async def _tell(self, send: Send, gone: "asyncio.Task[None]") -> None:
        listener = self._listener
        await _sent(send, f"retry: {RETRY_AFTER_MS}\nid: {listener.seen}\n: listening\n\n".encode())
        if listener.missed:
            number = listener.missed if listener.missed > 0 else None
            told = {"reason": "more passed meanwhile than is told again", "messages": number}
            await _sent(send, _event("gap", told))
        begun = beaten = self._clock()
        while not gone.done() and not self._stopping.is_set() and self._clock() - begun < LASTS:
            try:
                id, data = await asyncio.wait_for(listener.queue.get(), LOOK)
            except TimeoutError:
                if listener.slow:
                    await _sent(send, _event("dropped", {"reason": SLOW}))
                    return
                if self._clock() - beaten >= HEARTBEAT:
                    await _sent(send, f": still here\nid: {listener.seen}\n\n".encode())
                    beaten = self._clock()
                continue
            await _sent(send, f"id: {id}\nevent: article\ndata: ".encode() + data + b"\n\n")
            beaten = self._clock()


SLOW = "you read more slowly than articles come; connect again with the last id you have, and you go on there"


def _event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


async def _sent(send: Send, body: bytes, *, more: bool = True) -> None:
    await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": more}), SEND_WITHIN)


async def _gone(receive: Receive) -> None:
    """Until whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
