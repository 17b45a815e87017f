"""Elasticsearch for both the store and the index: how to connect, how to send many things, what is wrong in words.

Nothing here connects before it is used: a server that is down is told apart when something is asked of it.
"""

import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import msgspec
from elasticsearch import ApiError, Elasticsearch, JsonSerializer, TransportError
from elasticsearch.exceptions import ConnectionError as Unreachable
from elasticsearch.exceptions import ConnectionTimeout, SerializationError, SSLError, UnsupportedProductError
from elasticsearch.helpers import streaming_bulk

PORT = 9200
PATIENCE = 60.0  # seconds a request may take
# A node that is gone, or a shard that is not there yet: about two seconds in all.
RETRIES, LONGEST_RETRY = 5, 1.0
CHUNK_BYTES = 5 * 2**20  # of one bulk request; indexing takes four times that of the server's memory
CHUNK_OPERATIONS = 1000
# A full queue on the server (429): waits of 0.2, 0.4, 0.8 … 5 s, eleven seconds in all.
TRIES, FIRST_WAIT, LONGEST_WAIT = 6, 0.2, 5.0

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ElasticSecurity:
    """How to trust the server and be trusted by it. A name and password may stand in the address instead of a key."""

    ca_file: Path | None = None
    verify: bool = True
    api_key: str | None = field(default=None, repr=False)


class Operation(NamedTuple):
    """One line of a bulk request: what to do, and the document as JSON where there is one."""

    action: Mapping[str, Mapping[str, Any]]
    document: bytes | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one operation. `kind` and `reason` are the server's words when it failed."""

    index: str
    id: str
    status: int
    item: Body
    kind: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def never_fits(self) -> bool:
        """Whether the server is not just busy: the operation alone needs more memory than indexing may ever take.

        The request is held in memory beside what is made of it, which is reckoned as four times its size.
        """
        found = re.search(r"primary_operation_bytes=(\d+), max_primary_bytes=(\d+)", self.reason)
        return found is not None and int(found[1]) * 5 // 4 > int(found[2])


class _Json(JsonSerializer):
    """Reads answers with msgspec, three times as fast as the standard library."""

    def json_loads(self, data: bytes) -> Any:
        return msgspec.json.decode(data)


def connect(address: str, security: ElasticSecurity | None = None) -> Elasticsearch:
    """A client for the server or servers (comma-separated) at `address`; makes no request.

    Raises ValueError for an address that is none, or a CA file that cannot be read.
    """
    security = security or ElasticSecurity()
    hosts = [_host(one.strip()) for one in address.split(",")]
    options: dict[str, Any] = {}
    if any(host.startswith("https:") for host in hosts):
        options |= _tls(security)
    if security.api_key is not None:
        options["api_key"] = security.api_key
    return Elasticsearch(
        hosts,
        request_timeout=PATIENCE,
        max_retries=RETRIES,
        retry_backoff_base=FIRST_WAIT,
        retry_backoff_cap=LONGEST_RETRY,
        serializer=_Json(),
        **options,
    )


def shown(address: str) -> str:
    """The address without the password that may stand in it."""
    return ",".join(_without_password(one) for one in address.split(","))


def send(
    client: Elasticsearch, operations: Iterable[Operation], *, require_alias: bool = False
) -> Iterator[Done]:
    """Send operations in large chunks and tell what became of each; waits for a server that is overloaded.

    No two of them may be about the same document: what was refused for overload is sent after the rest.
    """
    prepared: Any = operations  # the helper's types know no document that is JSON already
    for _, told in streaming_bulk(
        client,
        prepared,
        chunk_size=CHUNK_OPERATIONS,
        max_chunk_bytes=CHUNK_BYTES,
        raise_on_error=False,
        expand_action_callback=_as_it_is,
        max_retries=TRIES,
        initial_backoff=FIRST_WAIT,
        max_backoff=LONGEST_WAIT,
        require_alias=require_alias,
    ):
        (item,) = told.values()
        error = item.get("error") or {}
        yield Done(
            item["_index"],
            item["_id"],
            item["status"],
            item,
            error.get("type", ""),
            error.get("reason", ""),
        )


@contextmanager
def in_words(address: str, fault: Callable[[str], Exception]) -> Iterator[None]:
    """Turns every error of the client into `fault` with one line that says what is wrong and what to do."""
    try:
        yield
    except (ApiError, TransportError) as e:
        raise fault(f"{shown(address)}: {explained(e)}") from e


def explained(error: Exception) -> str:
    """What an error of the client means, in words."""
    match error:
        case UnsupportedProductError():
            return f"answers, but is not an Elasticsearch; {_CHECK_ADDRESS}"
        case ApiError():
            return _answered(error)
        case SSLError():
            return _tls_fault(str(error.message))
        case ConnectionTimeout():
            return f"gave no answer within {PATIENCE:g} s; see whether the server is overloaded and try again"
        case Unreachable():
            return f"cannot be reached ({_innermost(error)}); {_CHECK_ADDRESS}, then try again"
        case SerializationError():
            return f"answers what is not JSON, so it is not an Elasticsearch; {_CHECK_ADDRESS}"
    return str(error)


def refusal(status: int, kind: str, reason: str) -> str:
    """What an error that Elasticsearch answered with means, in words."""
    said = f"({kind}: {reason})"
    if kind == "cluster_block_exception" and "flood-stage" in reason:
        return f"a disk is full past the flood stage, so nothing is written {said}; free space on that node"
    if kind == "cluster_block_exception":
        return f"may only be read {said}; lift that block of the index or cluster"
    if status == 401:
        return f"does not know us {said}; set an API key, or one that has not ended"
    if status == 403:
        return f"does not let us do that {said}; give the API key rights to manage and write our indices"
    if status == 429:
        return f"is overloaded {said}; try again later, or add nodes"
    if kind in _MAPPING_KINDS or "mapper" in reason:
        return f"holds fields of other types than ours {said}; choose another prefix, or rebuild the index"
    if status >= 500:
        return f"is not ready {said}; see the cluster's health and try again"
    return f"refuses the request {said}"


_CHECK_ADDRESS = "check the address, and that Elasticsearch runs there"
_MAPPING_KINDS = (
    "mapper_parsing_exception",
    "document_parsing_exception",
    "strict_dynamic_mapping_exception",
    "mapper_exception",
)


def _as_it_is(operation: Any) -> Any:
    return operation


def _answered(error: ApiError) -> str:
    told = str(error.body)
    if "compatible-with=" in told or "media_type_header_exception" in told:
        return (
            f"is an Elasticsearch of another major version than our client, which needs 9 ({_reason(error)[1]}); "
            "upgrade the server"
        )
    status = error.status_code
    ours = error.meta.headers.get("x-elastic-product") == "Elasticsearch"
    if not ours and status not in (401, 403, 429, 502, 503, 504):
        return f"answers HTTP {status} as no Elasticsearch does; {_CHECK_ADDRESS}"
    kind, reason = _reason(error)
    return refusal(status, kind, reason)


def _reason(error: ApiError) -> tuple[str, str]:
    """Kind and reason of the innermost cause that the server names."""
    body: Any = error.body
    cause = body.get("error") if isinstance(body, dict) else None
    if not isinstance(cause, dict):
        return f"HTTP {error.status_code}", str(cause or body)[:200].strip()
    for root in cause.get("root_cause") or []:
        cause = root
    return str(cause.get("type", "error")), str(cause.get("reason", ""))[:500]


def _innermost(error: BaseException) -> str:
    """What the system said, below the layers of libraries."""
    inner = getattr(error, "errors", ()) or ()
    cause: BaseException | None = inner[0] if inner else error.__cause__
    while cause is not None and (cause.__cause__ or getattr(cause, "reason", None)):
        below = cause.__cause__ or getattr(cause, "reason", None)
        if not isinstance(below, BaseException):
            break
        cause = below
    text = str(cause if cause is not None else error)
    return text.rpartition(">: ")[2] or text


def _tls_fault(message: str) -> str:
    if "WRONG_VERSION_NUMBER" in message or "record layer failure" in message:
        return "speaks no TLS; write http:// instead of https://, or turn TLS on at the server"
    return (
        f"is not trusted ({message}); give the file of the CA that signed its certificate, and its right name"
    )


def _host(one: str) -> str:
    parts = urlsplit(one)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"address {_without_password(one)!r}: Elasticsearch's is written http://host:port or https://…"
        )
    try:
        port = parts.port
    except ValueError as e:
        raise ValueError(f"address {_without_password(one)!r}: {e}") from e
    place = parts.netloc if port is not None else f"{parts.netloc.rstrip(':')}:{PORT}"
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))


def _without_password(one: str) -> str:
    return one.replace(f"{urlsplit(one).netloc.rpartition('@')[0]}@", "") if "@" in one else one


def _tls(security: ElasticSecurity) -> dict[str, Any]:
    """Options of the client. Reads the CA file now, for the client would say no more than that TLS fails."""
    if not security.verify:
        return {"verify_certs": False, "ssl_show_warn": False}
    if security.ca_file is None:
        return {}
    try:
        ssl.create_default_context(cafile=security.ca_file)
    except (OSError, ssl.SSLError) as e:
        raise ValueError(f"CA file {security.ca_file}: {e}") from e
    return {"ca_certs": str(security.ca_file)}
