"""A server of Elasticsearch as the client reaches it: it may take long to answer, and not to be connected with."""

from typing import Any

from elastic_transport import ConnectionError as Unreachable
from elastic_transport import ConnectionTimeout, HttpHeaders, Urllib3HttpNode
from elastic_transport.client_utils import DEFAULT, DefaultType
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError

CONNECTED_WITHIN = 5.0  # seconds; a machine that is off, or behind a firewall, says nothing at all


class Node(Urllib3HttpNode):
    """One whose place another takes when no connection to it comes about, as when it refuses one."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:
        """As the client asks for it. `request_timeout` is in seconds; None waits for ever."""
        seconds = self.config.request_timeout if isinstance(request_timeout, DefaultType) else request_timeout
        connected = CONNECTED_WITHIN if seconds is None else min(CONNECTED_WITHIN, seconds)
        timeout: Any = Timeout(connect=connected, read=seconds)
        try:
            return super().perform_request(method, target, body, headers, timeout)
        except ConnectionTimeout as e:
            if any(isinstance(error, ConnectTimeoutError) for error in e.errors):
                raise Unreachable(f"no connection within {connected:g} s") from e
            raise
