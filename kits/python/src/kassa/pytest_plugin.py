"""The pytest fixtures `kassa` and `merchant`."""

import pytest

from kassa.process import Kassa


@pytest.fixture(scope="session")
def kassa():
    """A running Kassa, shared by all tests."""
    with Kassa.start() as running:
        yield running


@pytest.fixture
def merchant(kassa):
    """A merchant of this test alone. Its clock is frozen."""
    made = kassa.new_merchant()
    yield made
    made.delete()
