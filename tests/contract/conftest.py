"""The engines each contract is held against."""

from pathlib import Path

import pytest

from tests.contract.bus_engines import ENGINES, BusFactory
from tests.contract.store_engines import StoreFactory


@pytest.fixture(params=["sqlite"])
def store_factory(request: pytest.FixtureRequest, tmp_path: Path) -> StoreFactory:
    """Opens one store, empty at first, as often as the test likes."""
    return StoreFactory(engine=request.param, place=str(tmp_path / "store"))


@pytest.fixture(params=list(ENGINES))
def bus_factory(request: pytest.FixtureRequest, tmp_path: Path) -> BusFactory:
    """Opens one bus as often as the test likes; topics and groups get fresh names."""
    return BusFactory(request.param, ENGINES[request.param].address(tmp_path))
