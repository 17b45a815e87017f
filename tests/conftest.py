"""What all tests share: where inputs from outside the project lie, and that nothing is skipped where all must run."""

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from shared.bus.local import open_local_bus
from shared.bus.port import Bus
from shared.contracts.topics import bus_topics
from shared.servers.maven import JAVA_VARIABLE
from shared.store.port import Store
from shared.store.sqlite import open_sqlite_store
from tests.engines import Engines

# No test asks the world: the real sources stay out, here and in the processes that tests start.
os.environ["HERITAGE_WIRE_CATALOGUE"] = "false"

# Servers live for minutes here: what Java's second compiler costs would never come back.
os.environ.setdefault(JAVA_VARIABLE, "-XX:TieredStopAtLevel=1")

ROOT = Path(__file__).parent.parent
OUTSIDE = ROOT.parent / "shared"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `HERITAGE_WIRE_NO_SKIPS` is set, a skipped test has failed."""
    report = yield
    if report.skipped and os.environ.get("HERITAGE_WIRE_NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where every test must run: {report.longrepr}"
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full` runs the long form of tests that have a short one."""
    parser.addoption("--full", action="store_true", help="run the long form of tests that have a short one")
    parser.addoption(
        "--screenshots", action="store_true", help="make pictures of every page in ./screenshots"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the long run does; pictures are made alone."""
    wanted = config.getoption("--screenshots")
    others = [item for item in items if bool(item.get_closest_marker("screenshots")) is not wanted]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
    if not config.getoption("--full"):
        long = [item for item in items if item.get_closest_marker("long_run")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms are asked for."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The five real inputs and their labels."""
    folder = OUTSIDE / "seeds"
    if not folder.is_dir():
        pytest.skip("the real inputs are not beside this checkout (../shared/seeds)")
    return folder


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    """An embedded bus with the topics of the product, in the test's folder."""
    with closing(open_local_bus(tmp_path / "bus", bus_topics())) as bus:
        yield bus


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An embedded store in the test's folder."""
    with closing(open_sqlite_store(tmp_path / "store")) as store:
        yield store


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[str]:
    """The address of a real Elasticsearch, one for the whole test run."""
    from shared.servers.maven import ServerUnavailable
    from tests.elasticsearch_server import shared_elasticsearch

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    try:
        with shared_elasticsearch(run) as address:
            yield address
    except ServerUnavailable as e:
        pytest.skip(str(e))


@pytest.fixture(scope="module", params=["embedded", "cluster"])
def engines(request: pytest.FixtureRequest) -> Iterator[Engines]:
    """The embedded engines, and a real Kafka with a real Elasticsearch."""
    if request.param == "embedded":
        yield Engines("embedded")
        return
    from tests.contract.kafka_broker import kafka_for_tests
    from tests.elasticsearch_server import empty

    elasticsearch: str = request.getfixturevalue("elasticsearch")
    prefix = f"test-{uuid4().hex[:12]}"
    yield Engines(
        "cluster", {"bus": f"kafka://{kafka_for_tests()}", "index": elasticsearch, "prefix": prefix}
    )
    empty(elasticsearch, prefix)
