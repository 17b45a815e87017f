"""Every metric of the product, in one list. Times are seconds."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The metrics of one process, on a registry of its own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        # One message, one count: `result` is passed, ended, dead or retry.
        self.messages = Counter(
            "heritage_wire_messages_total",
            "Messages handled, by result.",
            ["service", "topic", "result"],
            registry=self.registry,
        )
        self.outputs = Counter(
            "heritage_wire_outputs_total", "Messages produced.", ["service"], registry=self.registry
        )
        # A batch divided by its messages: what one message costs.
        self.step_seconds = Histogram(
            "heritage_wire_step_seconds",
            "Time in the step, per message.",
            ["service"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        # From the time a message was written to the time its outputs were durable.
        self.wait_seconds = Histogram(
            "heritage_wire_message_age_seconds",
            "Age of a message when it was done with.",
            ["service"],
            registry=self.registry,
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600),
        )
        self.agenda = Gauge(
            "heritage_wire_agenda_items",
            "Messages that wait for their time.",
            ["service"],
            registry=self.registry,
        )
        # 1 while a dependency is down or a later step is too far behind.
        self.paused = Gauge(
            "heritage_wire_paused", "Whether the service waits.", ["service"], registry=self.registry
        )


class HttpMetrics:
    """The metrics of the dashboard, on a registry of its own."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        # `route` is the pattern of the address (`/articles/{id}`), never the address itself.
        self.requests = Counter(
            "heritage_wire_http_requests_total",
            "Requests to the dashboard, by result.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "heritage_wire_http_seconds",
            "Time to answer a request to the dashboard.",
            ["route"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
