"""The trainer's tests speak to real files, real processes and a real HTTP server.

Nothing is patched: the storage is a folder or a small S3 server in a thread, the images
are drawn, and TensorFlow is the one that the image ships.
"""

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mnist_trainer import cpus, runtime
from trainer.s3_server import S3Server, serve
from trainer.samples import arrays, draw_digits, pack


def pytest_configure(config):
    # Keras turns its variables into arrays in a way that numpy 2 wants changed; it
    # says so at every save, and only Keras can do something about it.
    config.addinivalue_line(
        "filterwarnings", "ignore:__array__ implementation:DeprecationWarning"
    )


@pytest.fixture(scope="session")
def digits() -> bytes:
    """An archive of drawn digits, large enough to learn something from."""
    x_train, y_train = draw_digits(2000, seed=1)
    x_test, y_test = draw_digits(300, seed=2)
    return pack(arrays(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test))


@pytest.fixture(scope="session")
def _tensorflow(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Start TensorFlow as the program does, for those who ask for it."""
    scratch = tmp_path_factory.mktemp("keras")
    runtime.start(os.environ, scratch=scratch)
    runtime.settle(threads=cpus.count_cpus(), deterministic=True)


@pytest.fixture(scope="session")
def engine(_tensorflow: None) -> ModuleType:
    """All that computes; it cannot be imported before TensorFlow is started."""
    return importlib.import_module("trainer.engine")


@pytest.fixture
def s3() -> Iterator[S3Server]:
    """A server of this test's own."""
    with serve() as server:
        yield server


@pytest.fixture
def archive(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write bytes to a file, as if they had just been downloaded."""

    def write(content: bytes) -> Path:
        path = tmp_path / "mnist.npz"
        path.write_bytes(content)
        return path

    return write
