"""Elasticsearch for both the store and the index: how to connect, how to send many things, what is wrong in words.

Nothing here connects before it is used: a server that is down is told apart when something is asked of it.
"""

import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import msgspec
from elasticsearch import ApiError, Elasticsearch, JsonSerializer, TransportError
from elasticsearch.exceptions import ConnectionError as Unreachable
from elasticsearch.exceptions import ConnectionTimeout, SerializationError, SSLError, UnsupportedProductError
from elasticsearch.helpers import streaming_bulk

from shared.elastic_node import Node

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

    Raises ValueError for an address that is none, a CA file that cannot be read, or a key that is none.
    """
    security = security or ElasticSecurity()
    hosts = [_host(one.strip()) for one in address.split(",")]
    options: dict[str, Any] = {}
    if any(host.startswith("https:") for host in hosts):
        options |= _tls(security)
    elif security.ca_file is not None:
        raise ValueError(
            "HERITAGE_WIRE_ELASTICSEARCH_CA is set and this address has no TLS: write it https://…"
        )
    if security.api_key is not None:
        options["api_key"] = _api_key(security.api_key)
    return Elasticsearch(
        hosts,
        request_timeout=PATIENCE,
        max_retries=RETRIES,
        retry_backoff_base=FIRST_WAIT,
        retry_backoff_cap=LONGEST_RETRY,
        serializer=_Json(),
        node_class=Node,
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


def explained(error: Exception, within: float = PATIENCE) -> str:
    """What an error of the client means, in words; a request was given `within` seconds."""
    match error:
        case UnsupportedProductError():
            return f"answers, but is not an Elasticsearch; {_CHECK_ADDRESS}"
        case ApiError():
            return _answered(error)
        case SSLError():
            return _tls_fault(str(error.message))
        case ConnectionTimeout():
            return f"gave no answer within {within:g} s; {_CHECK_ADDRESS} and is not overloaded"
        case Unreachable():
            return _unreachable(_innermost(error))
        case SerializationError():
            return f"answers what is not JSON, so it is not an Elasticsearch; {_CHECK_ADDRESS}"
    return " ".join(str(error).split())


def is_elasticsearch(error: ApiError) -> bool:
    """Whether it is Elasticsearch that answered with this error."""
    return error.meta.headers.get("x-elastic-product") == "Elasticsearch"


def refusal(status: int, kind: str, reason: str) -> str:
    """What an error that Elasticsearch answered with means, in words."""
    # Which request it was is told by where this is raised.
    said = (
        f"({kind}: {reason.partition(' for REST request [')[0]})"
        if reason not in ("", "None")
        else f"({kind})"
    )
    if kind == "cluster_block_exception" and "flood-stage" in reason:
        return f"a disk is full past the flood stage, so nothing is written {said}; free space on that node"
    if status == 401:
        return (
            f"does not know us {said}; set HERITAGE_WIRE_ELASTICSEARCH_API_KEY to an API key that is valid, or name and "
            "password in HERITAGE_WIRE_INDEX"
        )
    if kind == "security_exception":
        return f"does not let us do that {said}; give the user or API key {RIGHTS}"
    if status >= 500:
        return (
            f"is not ready {said}; wait if it is starting, else see the cluster's health and free disk space"
        )
    if kind == "cluster_block_exception":
        return f"may only be read {said}; lift that block of the index or cluster"
    if status == 403:
        return f"does not let us do that {said}; give the user or API key {RIGHTS}"
    if status == 429:
        return f"is overloaded {said}; try again later, or add nodes"
    if kind in _MAPPING_KINDS or "mapper" in reason:
        return f"holds fields of other types than ours {said}; choose another prefix, or rebuild the index"
    if kind == "index_closed_exception":
        return f"has that index closed {said}; open it"
    if "shards open" in reason:
        return f"takes no more indices {said}; raise cluster.max_shards_per_node, or add nodes"
    return f"refuses the request {said}"


RIGHTS = "the right manage_index_templates on the cluster and all rights to our indices"
_CHECK_ADDRESS = "check the address in HERITAGE_WIRE_INDEX, and that Elasticsearch runs there"
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
            "upgrade the server, or set HERITAGE_WIRE_INDEX to one of version 9"
        )
    status = error.status_code
    if not is_elasticsearch(error) and status not in (401, 403, 429, 502, 503, 504):
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


def _innermost(error: BaseException) -> BaseException:
    """What the system said, below the layers of libraries."""
    while True:
        held = (
            *(getattr(error, "errors", None) or ()),
            error.__cause__,
            getattr(error, "reason", None),
            *error.args,
        )
        below = next((one for one in held if isinstance(one, BaseException)), None)
        if below is None:
            return error
        error = below


def _unreachable(error: BaseException) -> str:
    """Why there was no answer."""
    if isinstance(error, HTTPException | ConnectionResetError):
        why = (
            "it hangs up without an answer"
            if isinstance(error, ConnectionResetError)
            else "what it says is no HTTP"
        )
        return f"cannot be reached ({why}); if it asks for TLS write https://, else {_CHECK_ADDRESS}"
    why = (isinstance(error, OSError) and error.strerror) or str(error).rpartition(">: ")[2]
    return f"cannot be reached ({why}); {_CHECK_ADDRESS}"


def _tls_fault(message: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" not in message:
        return (
            f"speaks no TLS that we understand ({message}); write http:// instead of https:// in HERITAGE_WIRE_INDEX, or "
            "turn TLS on at the server"
        )
    why = message.partition("certificate verify failed: ")[2].partition(" (_ssl")[0]
    if "not valid for" in why:
        return f"is not trusted ({why.rstrip('.')}); write the address in HERITAGE_WIRE_INDEX as its certificate has it"
    return f"is not trusted ({why}); set HERITAGE_WIRE_ELASTICSEARCH_CA to the file of the CA that signed its certificate"


def _host(one: str) -> str:
    parts = urlsplit(one)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"address {_without_password(one)!r}: Elasticsearch's is written http://host:port or https://host:port"
        )
    try:
        port = parts.port
    except ValueError as e:
        raise ValueError(f"address {_without_password(one)!r}: {e}") from e
    place = parts.netloc if port is not None else f"{parts.netloc.rstrip(':')}:{PORT}"
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))


def _without_password(one: str) -> str:
    """Also of what is no address, as one without http:// before it."""
    scheme, slashes, rest = one.rpartition("//")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


def _tls(security: ElasticSecurity) -> dict[str, Any]:
    """Options of the client. Reads the CA file now, for the client would say no more than that TLS fails."""
    if not security.verify:
        return {"verify_certs": False, "ssl_show_warn": False}
    if security.ca_file is None:
        return {}
    try:
        ssl.create_default_context(cafile=security.ca_file)
    except (OSError, ssl.SSLError) as e:
        why = "holds no certificate" if isinstance(e, ssl.SSLError) else e.strerror
        raise ValueError(f"CA file {security.ca_file} (HERITAGE_WIRE_ELASTICSEARCH_CA): {why}") from e
    return {"ca_certs": str(security.ca_file)}


def _api_key(key: str) -> str:
    """The key as it is sent. Its text is a secret and not repeated in the error."""
    if not key.isascii() or not key.isprintable() or " " in key or not key:
        raise ValueError(
            "HERITAGE_WIRE_ELASTICSEARCH_API_KEY holds what no API key holds (spaces, line breaks, other letters): give "
            "the part that Elasticsearch calls `encoded`"
        )
    return key
