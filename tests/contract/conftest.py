"""The engines each contract is held against."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.index.port import IndexReader, IndexWriter
from tests.contract.bus_engines import ENGINES, BusFactory
from tests.contract.index_engines import ENGINES as INDICES
from tests.contract.index_engines import IndexFactory
from tests.contract.store_engines import ENGINES as STORES
from tests.contract.store_engines import StoreFactory
from tests.elasticsearch_server import empty


@pytest.fixture(params=STORES)
def store_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreFactory]:
    """Opens one store, empty at first, as often as the test likes."""
    if request.param == "elasticsearch":
        address, prefix = request.getfixturevalue("elasticsearch"), f"test-{uuid4().hex}"
        yield StoreFactory(engine=request.param, place=address, prefix=prefix)
        empty(address, prefix)
    else:
        yield StoreFactory(engine=request.param, place=str(tmp_path / "store"))


@pytest.fixture(params=list(ENGINES))
def bus_factory(request: pytest.FixtureRequest, tmp_path: Path) -> BusFactory:
    """Opens one bus as often as the test likes; topics and groups get fresh names."""
    return BusFactory(request.param, ENGINES[request.param].address(tmp_path))


@pytest.fixture(params=INDICES)
def index_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexFactory]:
    """Opens one index, empty at first, as often as the test likes."""
    if request.param == "elasticsearch":
        address, prefix = request.getfixturevalue("elasticsearch"), f"test-{uuid4().hex}"
        yield IndexFactory(engine=request.param, place=address, prefix=prefix)
        empty(address, prefix)
    else:
        yield IndexFactory(engine=request.param, place=str(tmp_path / "index"))


@pytest.fixture
def index_writer(index_factory: IndexFactory) -> Iterator[IndexWriter]:
    """The writer of the test's index."""
    opened = index_factory.writer()
    yield opened
    opened.close()


@pytest.fixture
def index_reader(index_factory: IndexFactory) -> Iterator[IndexReader]:
    """A reader of the test's index."""
    opened = index_factory.reader()
    yield opened
    opened.close()
