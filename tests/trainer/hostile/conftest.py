"""Gateways that break, with one small file in them."""

import pytest

from trainer.buckets import Storage
from trainer.hostile.breaking import CONTENT, INPUT, OUTPUT, serve


@pytest.fixture(scope="module")
def server():
    with serve() as breaking:
        breaking.objects[INPUT] = CONTENT
        yield breaking


@pytest.fixture
def gateway(server):
    server.objects.pop(OUTPUT, None)
    server.breaks.clear()
    server.asked.clear()
    return server


@pytest.fixture(scope="module")
def storage(server):
    return Storage(server.endpoint, AWS_MAX_ATTEMPTS="3")


@pytest.fixture
def hanging():
    """A gateway of this test's own: it may answer when nobody listens any more."""
    with serve() as breaking:
        breaking.objects[INPUT] = CONTENT
        yield breaking


@pytest.fixture
def target(tmp_path):
    return tmp_path / "target"


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(CONTENT)
    return path
