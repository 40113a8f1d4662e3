import pytest
from caller import Caller

from voiceprep.sandbox import Sandbox


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("box"), conversion_limit_s=20) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def call(box):
    """Call the sandbox as its first client."""
    return Caller(box.port, box.client_id, box.client_secret)


@pytest.fixture(scope="module")
def other(box):
    """Call the sandbox as another client."""
    box.add_account("other", "the other's secret")
    return Caller(box.port, "other", "the other's secret")
