"""Who may see the dashboard: one function decides, for pages, API, feeds and stream alike.

On a server bound to loopback, whoever sits at the machine needs no login. Everybody else shows the token that is
made at first start: as `Authorization: Bearer`, as the password of Basic (feed readers), or once in the login form, which gives a signed session cookie.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from shared.settings import Settings
from shared.store.port import AlreadyExists, Store

COLLECTION = "dashboard-keys"
SESSION_COOKIE = "hw_session"
SESSION_LASTS = timedelta(days=30)
# A proxy on this machine speaks for others: whoever comes through one is not at the machine.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

Who = Literal["local", "session", "token"]


class Keys(msgspec.Struct, frozen=True):
    """The login token, and the key that cookies are signed with."""

    token: str
    key: bytes


def load_keys(store: Store, settings: Settings, random: Callable[[int], bytes] = secrets.token_bytes) -> Keys:
    """The keys of this installation, made at first start. A token in the settings takes the made one's place."""
    made = Keys(token=random(16).hex(), key=random(32))
    stored = store.get(COLLECTION, "first")
    if stored is None:
        try:
            stored = store.create(COLLECTION, "first", msgspec.json.encode(made))
        except AlreadyExists as e:
            stored = e.existing
    keys = msgspec.json.decode(stored.body, type=Keys)
    said = settings.dashboard_token
    return Keys(token=said.get_secret_value(), key=keys.key) if said else keys


def who_asks(
    settings: Settings, keys: Keys, client: str, headers: Mapping[str, str], session: str, now: datetime
) -> Who | None:
    """Who asks, or None for somebody who must log in. `headers` have names in lower case."""
    if needs_no_login(settings) and is_loopback(client) and not any(name in headers for name in FORWARDED):
        return "local"
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and same(given.strip(), keys.token):
        return "token"
    # Feed readers know a password only. A browser would send it unasked too, so it is no more than a session.
    if scheme.lower() == "basic" and same(_password(given), keys.token):
        return "session"
    return "session" if session_holds(keys, session, now) else None


def _password(given: str) -> str:
    """The password of HTTP Basic credentials; empty for what is none."""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def needs_no_login(settings: Settings) -> bool:
    """Whether only this machine can reach the server; an address told to others means that it is for others."""
    told = urlsplit(settings.public_url or "").hostname
    return is_loopback(settings.dashboard_host) and (told is None or is_loopback(told))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_is_ours(settings: Settings, host: str) -> bool:
    """Whether a Host header names us. Any other name was made to point here (DNS rebinding).

    Where a login is needed, addresses and names without a dot pass as well: nobody can register those.
    """
    name = host_name(host)
    public = (urlsplit(settings.public_url or "").hostname or "").lower()
    if not name or is_loopback(name) or name == public:
        return bool(name)
    if needs_no_login(settings):
        return False
    return name == settings.dashboard_host.lower() or "." not in name or _is_address(name)


def host_name(host: str) -> str:
    """The name in a Host header, without its port, in lower case; empty for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def new_session(keys: Keys, now: datetime) -> str:
    """A session cookie: until when it holds, signed. A new token ends all sessions."""
    until = str(int((now + SESSION_LASTS).timestamp()))
    return f"{until}.{sign(keys, 'session', until, keys.token)}"


def session_holds(keys: Keys, session: str, now: datetime) -> bool:
    """Whether a session cookie is ours and not over."""
    until, _, signature = session.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 15):
        return False
    return same(signature, sign(keys, "session", until, keys.token)) and now.timestamp() < int(until)


def sign(keys: Keys, *parts: str) -> str:
    """What only we can have written under these words."""
    return hmac.new(keys.key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


@dataclass(slots=True)
class LoginTries:
    """Wrong tokens of the last minute: too many from one address, or in all, and everybody waits."""

    per_client: int = 5
    in_all: int = 50
    window: timedelta = timedelta(minutes=1)
    _wrong: list[tuple[datetime, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def may_try(self, client: str, now: datetime) -> bool:
        """Whether this client may try a token now."""
        with self._lock:
            self._wrong = [(at, who) for at, who in self._wrong if now - at < self.window]
            mine = sum(who == client for _, who in self._wrong)
            return mine < self.per_client and len(self._wrong) < self.in_all

    def was_wrong(self, client: str, now: datetime) -> None:
        """Remember a wrong token."""
        with self._lock:
            self._wrong.append((now, client))
