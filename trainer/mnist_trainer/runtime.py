"""For starting TensorFlow once: quietly, on our own cores, in a known state."""

import contextlib
import faulthandler
import gc
import hashlib
import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from importlib import metadata
from pathlib import Path
from typing import Final

__all__ = ["describe", "digest_installed", "settle", "start"]

_NOTICES: Final = (
    b"All log messages before absl::InitializeLog() is called",
    b"oneDNN custom operations are on.",
)
"""Lines that TensorFlow writes at every start, whatever its log level is set to."""

_PACKAGES: Final = ("tensorflow-cpu", "tensorflow", "keras", "numpy")


def start(environment: MutableMapping[str, str], *, scratch: Path) -> None:
    """Import TensorFlow, with what can only be settled before that."""
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    environment["KERAS_BACKEND"] = "tensorflow"
    # Keras reads and writes its settings in here, not in a home that may be read-only
    # and whose settings would change the model.
    environment["KERAS_HOME"] = str(scratch / "keras")
    # Looking for garbage among the million objects of the import takes a tenth of it.
    gc.disable()
    with _without_notices():
        importlib.import_module("tensorflow")
    gc.freeze()
    gc.enable()


def settle(*, threads: int, deterministic: bool) -> None:
    """Settle what can only be settled before TensorFlow's first use.

    One thread works out an operation, and several operations are worked out side by
    side: no sum depends on how many cores there are.
    """
    import tensorflow as tf  # noqa: PLC0415 (imported by now)

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(max(2, threads))
    if deterministic:
        tf.config.experimental.enable_op_determinism()


def describe(*, threads: int) -> dict[str, str | int | None]:
    """Name what the result depends on besides data, code and parameters."""
    versions = {name: _version(name) for name in _PACKAGES}
    return {
        "python": platform.python_version(),
        "tensorflow": versions["tensorflow-cpu"] or versions["tensorflow"],
        "keras": versions["keras"],
        "numpy": versions["numpy"],
        "machine": platform.machine(),
        "threads": threads,
    }


def digest_installed() -> str:
    """Name all packages at hand by one sha256, where no locked list of them is known.

    It is that of the lines name==version of all installed distributions, sorted by
    their bytes: pip list --format=freeze | LC_ALL=C sort | sha256sum
    """
    found = {
        f"{each.name}=={each.version}\n"
        for each in metadata.distributions()
        if "Name" in each.metadata  # What is left of a half removed one has none.
    }
    return hashlib.sha256("".join(sorted(found)).encode()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@contextlib.contextmanager
def _without_notices() -> Iterator[None]:
    """Hold back what is written to standard error, and then all but the notices.

    They are written by C++, so it takes the file descriptor to catch them.
    Should the process crash meanwhile, Python's fault handler still has the real one.
    """
    sys.stderr.flush()
    real = os.dup(2)
    watching = not faulthandler.is_enabled()
    if watching:
        faulthandler.enable(real)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(real, 2)
            if watching:
                faulthandler.disable()
            caught.seek(0)
            for line in caught:
                if not any(notice in line for notice in _NOTICES):
                    os.write(real, line)
            os.close(real)
