"""Who is who: one normal form of an address, and the ids that follow from it."""

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

if TYPE_CHECKING:
    from tldextract import TLDExtract

# Parameters that say how a reader came, never what is shown.
TRACKING = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_name", "utm_reader",
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "mkt_tok",
    "_hsenc", "_hsmi", "ref_src", "spm", "cmpid", "ocid", "ns_mchannel", "ns_source", "ns_campaign", "at_medium",
    "at_campaign", "wt.mc_id", "xtor", "pk_campaign", "pk_kwd", "oly_anon_id", "oly_enc_id", "vero_id", "s_cid",
)  # fmt: skip
_DEFAULT_PORTS = {"http": 80, "https": 443}


@cache
def _registrable() -> "TLDExtract":
    # Here and not above: it takes a quarter of the start of every command, and few ask for domains.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def normalise(url: str) -> str:
    """The normal form of an address (RFC 3986, section 6): what differs only in writing becomes equal.

    Scheme and host in lower case, no default port, no fragment, no tracking parameters, parameters sorted,
    escapes in one form. Paths keep their case and their final slash. Raises ValueError for what is no address.
    """
    stripped = url.strip()
    parts = urlsplit(stripped)
    if not parts.scheme or not (parts.netloc or parts.path.strip("/")):
        raise ValueError(f"not an address: {url!r}")
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        return parts._replace(scheme=parts.scheme.lower(), fragment="").geturl()
    if not parts.hostname:
        raise ValueError(f"not an address, the host is missing: {url!r}")
    clean = url_query_cleaner(stripped, TRACKING, remove=True, keep_fragments=False)
    canonical = urlsplit(canonicalize_url(clean))
    host = (canonical.hostname or "").rstrip(".")
    port = canonical.port
    netloc = host if port in (None, _DEFAULT_PORTS[canonical.scheme]) else f"{host}:{port}"
    return canonical._replace(netloc=netloc, path=canonical.path or "/").geturl()


def article_id(url: str) -> str:
    """The id of the article at a normalised address: 16 letters and digits (80 bits of SHA-256)."""
    return base64.b32encode(hashlib.sha256(url.encode()).digest()[:10]).decode().lower()


def item_address(url: str, number: int) -> str:
    """The address of one of several texts that a document holds, counted from 1. Servers know that of the document alone."""
    return f"{url}#{number}"


def is_item_address(url: str) -> bool:
    """Whether an address is that of one of several texts in a document. No other has a fragment (`normalise`)."""
    return url.rpartition("#")[2].isdecimal() and "#" in url


def host_of(url: str) -> str:
    """The host an address is fetched from; for a local file the empty string."""
    return urlsplit(url).hostname or ""


def registrable_domain(host: str) -> str:
    """The domain that somebody registered, of a host (Public Suffix List); for an IP address or a bare name, itself."""
    found = _registrable()(host)
    return found.top_domain_under_public_suffix or found.domain


def same_site(one: str, other: str) -> bool:
    """Whether two addresses lie under the same registrable domain."""
    first, second = (registrable_domain(host_of(url)) for url in (one, other))
    return bool(first) and first == second
