"""For leaving behind what a run has made, and last of all the manifest that names it.

The manifest is the contract with the operator: whoever finds it knows that every file
it lists is complete, and what each of them must digest to.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mnist_trainer import report
from mnist_trainer.history import History
from mnist_trainer.storage import Storage, StoredFile

__all__ = ["Manifest", "describe_run", "upload_results", "write_results"]

Manifest = dict[str, Any]

_METRICS: Final = "metrics.json"
_CURVE: Final = "report/training_curve.png"
_MANIFEST: Final = "run.json"


def write_results(
    folder: Path,
    *,
    model_file: str,
    network: Any,
    metrics: Mapping[str, Any],
    history: History,
) -> list[str]:
    """Write model, metrics and picture into the folder; returns their paths there."""
    beside = PurePosixPath(model_file).parent
    metrics_file, curve_file = str(beside / _METRICS), str(beside / _CURVE)
    for path in (model_file, curve_file):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    _save(network, folder / model_file)
    _write_json(folder / metrics_file, metrics)
    title = f"Test accuracy {metrics['accuracy']:.2%}, loss {metrics['loss']:.4f}"
    (folder / curve_file).write_bytes(report.draw_curve(history, title=title))
    return [model_file, metrics_file, curve_file]


def upload_results(
    storage: Storage, folder: Path, paths: Sequence[str], manifest: Manifest
) -> list[StoredFile]:
    """Upload the files, the first of which is the model, and then the manifest."""
    files = [storage.upload(folder / path, path) for path in paths]
    last = str(PurePosixPath(paths[0]).parent / _MANIFEST)
    _write_json(
        folder / last, manifest | {"files": [file.describe() for file in files]}
    )
    storage.upload(folder / last, last)
    return files


def describe_run(
    *,
    source: StoredFile,
    metrics: Mapping[str, Any],
    parameters: Mapping[str, Any],
    environment: Mapping[str, Any],
    started_at: datetime,
    finished_at: datetime,
) -> Manifest:
    """Compose the manifest, all but the list of files."""
    return {
        "version": 1,
        "input": [source.describe()],
        "metrics": {name: metrics[name] for name in ("accuracy", "loss")},
        "parameters": dict(parameters),
        "environment": dict(environment),
        "startedAt": _rfc3339(started_at),
        "finishedAt": _rfc3339(finished_at),
    }


def _save(network: Any, path: Path) -> None:
    """Save the model as whoever loads it may want to use it: compiled, and alone."""
    network.compile(
        optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    with _without_legacy_advice():
        network.save(path)


@contextmanager
def _without_legacy_advice() -> Iterator[None]:
    """Hold back Keras's advice against HDF5: that file is what consumers expect."""

    def other(record: logging.LogRecord) -> bool:
        return "saving your model as an HDF5 file" not in record.getMessage()

    logger = logging.getLogger("absl")
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")


def _rfc3339(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
