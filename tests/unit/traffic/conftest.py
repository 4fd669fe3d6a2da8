import pytest
from unit.traffic.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A recorder of everything."""
    return Desk()
