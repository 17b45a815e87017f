"""What a service tells over HTTP: metrics, whether it lives, whether it works."""

import urllib.error
import urllib.request

from shared.observability.endpoint import Endpoint
from shared.observability.metrics import Metrics


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read().decode()


def test_metrics_and_health() -> None:
    metrics = Metrics()
    metrics.messages.labels("parser", "fetched", "passed").inc()
    trouble = [""]
    with Endpoint("127.0.0.1", 0, metrics.registry, lambda: "", lambda: trouble[0]) as endpoint:
        status, text = ask(endpoint.port, "/metrics")
        assert status == 200
        assert 'heritage_wire_messages_total{result="passed",service="parser",topic="fetched"} 1.0' in text
        assert ask(endpoint.port, "/health/live") == (200, "ok\n")
        assert ask(endpoint.port, "/health/ready") == (200, "ok\n")
        trouble[0] = "indexer: the index does not answer"
        assert ask(endpoint.port, "/health/ready") == (503, "indexer: the index does not answer\n")
        assert ask(endpoint.port, "/health/live")[0] == 200
        assert ask(endpoint.port, "/admin")[0] == 404
