"""The engines each contract is held against."""

from pathlib import Path

import pytest

from tests.contract.store_engines import StoreFactory


@pytest.fixture(params=["sqlite"])
def store_factory(request: pytest.FixtureRequest, tmp_path: Path) -> StoreFactory:
    """Opens one store, empty at first, as often as the test likes."""
    return StoreFactory(engine=request.param, place=str(tmp_path / "store"))
