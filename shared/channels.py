"""Channels of a subscription, as people give them: checked, completed with what only we make, shown without secrets."""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Sequence
from email.errors import HeaderParseError, MessageError
from email.headerregistry import Address
from urllib.parse import urlsplit

from msgspec.structs import replace

from shared.contracts.messages import Channel

MOST_CHANNELS = 10
LONGEST_TARGET = 2000
LONGEST_EMAIL = 254
LONGEST_LOCAL_PART = 64
SHORTEST_SECRET, LONGEST_SECRET = 8, 200
# Standard Webhooks asks for 24 to 64 bytes.
SECRET_BYTES = 32
TOKEN_BYTES = 24
SECRET_PREFIX = "whsec_"  # noqa: S105 (what a secret begins with)

# What Apprise would do on the machine itself: its desktop, its log, its devices.
ON_THIS_MACHINE = frozenset(
    {"blink1", "dbus", "gio", "glib", "gnome", "growl", "kde", "macosx", "qt", "syslog", "windows"}
    | {"exec", "file"}
)

RandomBytes = Callable[[int], bytes]
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")


class BadChannel(ValueError):
    """A channel that cannot be delivered to. `field` is `kind`, `target` or `secret`; the text says what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def complete(
    channel: Channel, known: Sequence[Channel] = (), random_bytes: RandomBytes = secrets.token_bytes
) -> Channel:
    """The channel checked, with its secret or token. Raises BadChannel.

    `known` are the subscription's channels so far: one that is among them keeps the secret and token it has.
    """
    match channel.kind:
        case "webhook":
            channel = replace(channel, target=_webhook(channel.target))
            kept = next((c.secret for c in known if (c.kind, c.target) == ("webhook", channel.target)), None)
            return replace(channel, secret=_secret(channel.secret or kept, random_bytes))
        case "feed":
            _no_secret(channel)
            return replace(channel, target=_token(channel.target, known, random_bytes))
        case "email":
            _no_secret(channel)
            return replace(channel, target=_email(channel.target))
        case "apprise":
            _no_secret(channel)
            return replace(channel, target=_apprise(channel.target))


def shown_target(channel: Channel) -> str:
    """Where a channel goes, in words that give no secret away: addresses of webhooks and Apprise carry tokens."""
    match channel.kind:
        case "email":
            return channel.target
        case "feed":
            return "private feed"
        case "webhook":
            parts = urlsplit(channel.target)
            host = (parts.netloc.rpartition("@")[2]) or "?"
            more = "/…" if parts.path not in ("", "/") or parts.query else parts.path
            return f"{parts.scheme}://{host}{more}"
        case "apprise":
            return f"{channel.target.partition('://')[0]}://…"


def _webhook(target: str) -> str:
    target = _bounded(target, "the address of a webhook")
    try:
        parts = urlsplit(target)
        host, _ = parts.hostname, parts.port
    except ValueError as e:
        raise BadChannel("target", f"{target!r} is no address: {e}") from e
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise BadChannel("target", f"{target!r}: the address of a webhook begins with https:// or http://")
    return target


def _secret(secret: str | None, random_bytes: RandomBytes) -> str:
    if not secret:
        return SECRET_PREFIX + base64.b64encode(random_bytes(SECRET_BYTES)).decode()
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET or _UNSEEN.search(secret):
        raise BadChannel(
            "secret",
            f"a secret has {SHORTEST_SECRET} to {LONGEST_SECRET} characters and no space; "
            "leave it out and one is made",
        )
    if secret.startswith(SECRET_PREFIX):
        try:
            base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==")
        except (binascii.Error, ValueError) as e:
            raise BadChannel(
                "secret", f"after {SECRET_PREFIX} comes base64; leave it out and one is made"
            ) from e
    return secret


def _no_secret(channel: Channel) -> None:
    if channel.secret:
        raise BadChannel("secret", f"only a webhook has a secret; leave it out for {channel.kind}")


def _token(target: str, known: Sequence[Channel], random_bytes: RandomBytes) -> str:
    tokens = [channel.target for channel in known if channel.kind == "feed"]
    if target and target not in tokens:
        raise BadChannel("target", "the address of a private feed is made here: leave the target out")
    return tokens[0] if tokens else base64.urlsafe_b64encode(random_bytes(TOKEN_BYTES)).decode().rstrip("=")


def _email(target: str) -> str:
    """The address with its domain in ASCII. RFC 5322 by the standard library; sizes and labels as mail has them."""
    target = _bounded(target, "an email address", LONGEST_EMAIL)
    try:
        found = Address(addr_spec=target)
        domain = found.domain.encode("idna").decode("ascii")
    except (HeaderParseError, MessageError, ValueError, IndexError) as e:
        raise BadChannel("target", f"{target!r} is no email address; expected name@example.org") from e
    labels = domain.split(".")
    known = len(labels) > 1 or domain.lower() == "localhost"
    if (
        not known
        or not all(map(_LABEL.fullmatch, labels))
        or not 0 < len(found.username) <= LONGEST_LOCAL_PART
    ):
        raise BadChannel("target", f"{target!r} is no email address; expected name@example.org")
    return Address(username=found.username, domain=domain).addr_spec


def _apprise(target: str) -> str:
    target = _bounded(target, "an address for Apprise")
    # Loads slowly, and only who has such a channel needs it.
    from apprise import Apprise, AppriseAsset, PersistentStoreMode

    scheme = target.partition("://")[0]
    if scheme.lower() in ON_THIS_MACHINE:
        raise BadChannel("target", f"{scheme}:// works on the machine itself, and is not used")
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, plugin_paths=[])
    if Apprise.instantiate(target, asset=asset, suppress_exceptions=True) is None:
        raise BadChannel(
            "target",
            f"{scheme}://… is no address that Apprise knows or it is incomplete; "
            "see https://github.com/caronc/apprise/wiki",
        )
    return target


def _bounded(target: str, what: str, longest: int = LONGEST_TARGET) -> str:
    target = target.strip()
    if not target:
        raise BadChannel("target", f"{what} is missing")
    if len(target) > longest:
        raise BadChannel("target", f"{what} has at most {longest} characters, this one has {len(target)}")
    if _UNSEEN.search(target):
        raise BadChannel("target", f"{what} holds no space or control character: {target[:100]!r}")
    return target
