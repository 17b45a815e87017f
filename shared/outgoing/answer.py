"""What is asked for at most, and what came back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

KIB, MIB = 2**10, 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how large one exchange may be. Times are seconds, sizes bytes."""

    connect: float = 10.0  # until the connection stands, over all addresses of a host
    total: float = 30.0  # from looking the name up to the last byte
    header_bytes: int = 64 * KIB
    wire_bytes: int = 10 * MIB  # all that is received: headers, framing, compressed body
    body_bytes: int = 20 * MIB  # the body, decompressed
    # Whether a body that cannot be had whole is cut (`Answer.truncated`) instead of being an error.
    cut: bool = False


DOCUMENT = Limits()
# What a receiver says to a delivery matters little beyond its status.
DELIVERY = Limits(total=20.0, wire_bytes=256 * KIB, body_bytes=64 * KIB, cut=True)


class Headers(Mapping[str, str]):
    """Headers of an answer: names in lower case, asked for in any; what came several times is joined by commas."""

    __slots__ = ("_values",)

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        values: dict[str, str] = {}
        for name, value in lines:
            key = name.lower()
            values[key] = f"{values[key]}, {value}" if key in values else value
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one request. A redirect is an answer too: `redirect` says where it points, nobody went there."""

    url: str  # as asked, in the form in which it was sent
    status: int
    headers: Headers
    body: bytes  # decompressed
    address: str  # the IP address that answered
    ms: float  # from looking the name up to the last byte
    # Where a 301, 302, 303, 307 or 308 points, as an absolute address that nobody has checked; '' for none.
    redirect: str = ""
    # Whether there was more of the body; always possible where the status is not 2xx.
    truncated: bool = False
