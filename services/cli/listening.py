"""Where the dashboard listens, and by which address it is opened."""

import errno
import socket

from services.cli.engines import WiringError
from shared.settings import Settings

# Connections the system holds for us while all are busy.
BACKLOG = 512
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (said, not bound)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises WiringError when the address is taken or not ours, with what to do."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
    except OSError as e:
        raise WiringError(f"HERITAGE_WIRE_DASHBOARD_HOST={host}: {e.strerror}") from e
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as e:
        listener.close()
        if e.errno == errno.EADDRINUSE:
            raise WiringError(
                f"port {port} on {host} is taken, perhaps by another 'heritage-wire up': stop that, or choose another "
                "port with --port N (0: any free one) or HERITAGE_WIRE_DASHBOARD_PORT"
            ) from e
        raise WiringError(f"the dashboard cannot be served on {host}:{port}: {e.strerror}") from e
    return listener


def dashboard_address(settings: Settings, port: int) -> str:
    """The address to open: the one people were told, else that of this machine."""
    if settings.public_url:
        return f"{settings.public_url.rstrip('/')}/"
    host = settings.dashboard_host
    host = ANYWHERE.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((ANYWHERE.get(host, host), port), timeout=1):
            return True
    except OSError:
        return False


def free_port(settings: Settings) -> int:
    """The port the settings name, or a free one for 0. Raises WiringError when it is taken, before anything starts."""
    with listen(settings.dashboard_host, settings.dashboard_port) as listener:
        port: int = listener.getsockname()[1]
        return port


def unused_port(host: str, wanted: int) -> int:
    """The wanted port where it is free, else any that is."""
    try:
        with listen(host, wanted) as listener:
            port: int = listener.getsockname()[1]
            return port
    except WiringError:
        return unused_port(host, 0)
