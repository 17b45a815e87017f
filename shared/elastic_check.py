"""Whether an Elasticsearch can be worked with: asked before the work, so that one line says what is missing.

A search alone would not tell: of indices that we may not see Elasticsearch says that there are none.
"""

from contextlib import closing
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.exceptions import ConnectionError as Unreachable
from elasticsearch.exceptions import ConnectionTimeout, SSLError

from shared.elastic import RIGHTS, ElasticSecurity, connect, explained, is_elasticsearch, shown
from shared.store.port import StoreError, StoreUnavailable

WITHIN = 9.0
_TO_READ = ("read", "view_index_metadata")
_BLOCKS = {
    "index.blocks.read_only_allow_delete": "a disk is full past the flood stage, so nothing is written to {}; free space "
    "on that node, then Elasticsearch lifts the block by itself",
    "index.blocks.read_only": "may only be read: {} has the block index.blocks.read_only; set it to null",
}


def check_elasticsearch(
    address: str,
    prefix: str,
    security: ElasticSecurity,
    *,
    writes: bool,
    thorough: bool = False,
    within: float = WITHIN,
) -> None:
    """Raise what keeps us from reading, or from writing too, what begins with `prefix`; in about `within` seconds.

    Of indices that cannot be written those count that every step needs; `thorough` counts the articles' of all months
    too, of which an old one may be closed to writing on purpose. Raises StoreUnavailable for what may pass by itself, StoreError for what needs somebody's hand, ValueError as
    `connect` does.
    """
    with closing(connect(address, security)) as client:
        servers = address.count(",") + 1
        # Each of several servers gets its share of the time, and the next is asked when one keeps silent.
        asking = client.options(
            request_timeout=within / servers, max_retries=servers - 1, retry_on_timeout=servers > 1
        )
        try:
            fault = _too_few_rights(asking, prefix, writes=writes)
            if fault:
                raise StoreError(f"{shown(address)}: {fault}")
            if writes:
                ours = f"{prefix}-*" if thorough else f"{prefix}-store-*"
                fault = _block(asking, ours) or _red(asking, ours)
        except (ApiError, TransportError) as e:
            kind = StoreUnavailable if _may_pass(e) else StoreError
            raise kind(f"{shown(address)}: {explained(e, within)}") from e
    if fault:
        raise StoreUnavailable(f"{shown(address)}: {fault}")


def _too_few_rights(client: Elasticsearch, prefix: str, *, writes: bool) -> str:
    """Which rights are missing, in words; empty where none are, or where the server keeps no account of rights."""
    cluster: list[Any] = ["manage_index_templates"] if writes else []
    index: list[Any] = ["all"] if writes else list(_TO_READ)
    try:
        told = client.security.has_privileges(
            cluster=cluster, index=[{"names": [f"{prefix}-*"], "privileges": index}]
        ).body
    except ApiError as e:
        # Its security is off, or something before it lets no such question through.
        if (
            is_elasticsearch(e)
            and e.status_code in (400, 403, 404, 405)
            and "compatible-with" not in str(e.body)
        ):
            return ""
        raise
    if told["has_all_requested"]:
        return ""
    missing = [name for name, has in told["cluster"].items() if not has]
    missing += [
        f"{name} on {pattern}"
        for pattern, rights in told["index"].items()
        for name, has in rights.items()
        if not has
    ]
    give = f"it {RIGHTS}" if writes else "it these rights"
    return f"does not let {told['username']!r} do what we need (missing: {', '.join(missing)}); give {give}"


def _block(client: Elasticsearch, ours: str) -> str:
    """What keeps our indices from being written, in words; empty where nothing does."""
    told = client.indices.get_settings(
        index=ours, name="index.blocks.*", flat_settings=True, allow_no_indices=True
    ).body
    for index, has in told.items():
        for block, words in _BLOCKS.items():
            if has["settings"].get(block) == "true":
                return words.format(index)
    return ""


def _red(client: Elasticsearch, ours: str) -> str:
    """Whether parts of our indices are on no node; empty where they are, or where we may not ask."""
    try:
        told = client.cluster.health(index=ours, timeout="1s").body
    except ApiError as e:
        if e.status_code == 403:
            return ""
        raise
    lost = told["unassigned_primary_shards"] if told["status"] == "red" else 0
    if not lost:
        return ""
    return f"is not ready (shards of our indices that are on no node: {lost}); free disk space, or bring missing nodes back"


def _may_pass(error: Exception) -> bool:
    if isinstance(error, ApiError):
        return error.status_code >= 429
    return isinstance(error, Unreachable | ConnectionTimeout) and not isinstance(error, SSLError)
