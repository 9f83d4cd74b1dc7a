"""For leaving behind what a run has made, and last of all the manifest that names it.

The manifest is the contract with the operator: whoever finds it knows that every file
it lists is complete, and what each of them must digest to.

Each function writes files below a folder of ours and returns their paths there, which
are those in the output too; an ``Uploader`` sends them while the run goes on:

    layout = Layout(scratch / "results", config.model_file)
    with Uploader(storage, layout.folder) as uploader:
        uploader.add(write_model(layout, network))
        ...  # evaluate, while the model goes up
        uploader.add(*write_formats(layout, network, names, outputs))
        uploader.add(write_metrics(layout, metrics))
        uploader.add(*write_report(layout, findings))
        upload_manifest(storage, layout, manifest, uploader.finish())
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mnist_trainer import formats, held_out
from mnist_trainer.findings import Findings
from mnist_trainer.storage import Storage, StoredFile

__all__ = [
    "Layout",
    "Manifest",
    "compose_manifest",
    "upload_manifest",
    "write_comparison",
    "write_formats",
    "write_metrics",
    "write_model",
    "write_report",
]

Manifest = dict[str, Any]

_METRICS: Final = "metrics.json"
_REPORT: Final = "report"
_MANIFEST: Final = "run.json"
_SAVED_MODEL: Final = "saved_model/1"
"""TensorFlow Serving serves a folder whose subfolders are numbered versions."""

_LIST: Final = re.compile(r"\[\n\s+([^\[\]{}]*?)\n\s+\]")
"""A list of plain values, as ``json`` indents it: one a line."""
_BREAK: Final = re.compile(r"\n\s+")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a run's files lie: all others beside the model."""

    folder: Path
    """Of ours, in which the output is put together."""
    model_file: str
    """The model's path in the output."""

    def beside(self, name: str) -> str:
        """Name the path in the output of a file that lies beside the model."""
        return str(PurePosixPath(self.model_file).parent / name)

    def place(self, path: str) -> Path:
        """Find where a file of the output is written, in a folder that exists."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def write_model(layout: Layout, network: Any, *, moments: bool = True) -> str:
    """Write the model as HDF5, which every run leaves behind; see ``save_h5``."""
    formats.save_h5(network, layout.place(layout.model_file), moments=moments)
    return layout.model_file


def write_formats(
    layout: Layout, network: Any, names: Sequence[str], outputs: Collection[str]
) -> list[str]:
    """Write the model in the further formats that were asked for.

    Args:
        layout: where to.
        network: the trained model.
        names: of the classes, in their order.
        outputs: as in the parameter of that name; others than formats are not ours.

    """
    paths = []
    if "Keras" in outputs:
        name = PurePosixPath(layout.model_file).with_suffix(".keras").name
        paths.append(layout.beside(name))
        formats.save_keras(network, layout.place(paths[-1]))
    if "SavedModel" in outputs:
        paths.append(layout.beside(_SAVED_MODEL))
        formats.save_saved_model(network, layout.place(paths[-1]), names)
    return paths


def write_metrics(layout: Layout, metrics: Mapping[str, Any]) -> str:
    """Write down how good the model is."""
    path = layout.beside(_METRICS)
    _write_json(layout.place(path), metrics)
    return path


def write_report(layout: Layout, findings: Findings) -> list[str]:
    """Write pictures and page."""
    from mnist_trainer import report  # noqa: PLC0415 (Pillow, which takes 0.05 s)

    paths = []
    for name, content in report.compose_report(findings).items():
        paths.append(layout.beside(f"{_REPORT}/{name}"))
        layout.place(paths[-1]).write_bytes(content)
    return paths


def write_comparison(layout: Layout, report: Mapping[str, Any]) -> str:
    """Write down how the model did on held-out images; see ``held_out``."""
    path = layout.beside(held_out.PATH)
    _write_json(layout.place(path), report)
    return path


def compose_manifest(
    *,
    sources: Sequence[StoredFile],
    metrics: Mapping[str, Any],
    parameters: Mapping[str, Any],
    environment: Mapping[str, Any],
    started_at: datetime,
    finished_at: datetime,
    warm_start: Mapping[str, Any] | None = None,
) -> Manifest:
    """Compose the manifest, all but the list of files.

    Args:
        sources: every file of the input that was trained on.
        metrics: as in ``metrics.json``, of which two figures are taken.
        parameters: all of them, also those that nobody gave.
        environment: what the result depends on besides data, code and parameters.
        started_at: when the process began.
        finished_at: when all was done but the last upload.
        warm_start: ``bucket``, ``path``, ``sha256`` and ``bytes`` of the model that
            the training began from.

    """
    manifest = {
        "version": 1,
        "input": [source.describe() for source in sources],
        "metrics": {name: metrics[name] for name in ("accuracy", "loss")},
        "parameters": dict(parameters),
        "environment": dict(environment),
        "startedAt": _rfc3339(started_at),
        "finishedAt": _rfc3339(finished_at),
    }
    return manifest | ({"warmStart": dict(warm_start)} if warm_start else {})


def upload_manifest(
    storage: Storage, layout: Layout, manifest: Manifest, files: Sequence[StoredFile]
) -> StoredFile:
    """Upload the manifest, once all files that it lists have been."""
    path = layout.beside(_MANIFEST)
    listed = manifest | {"files": [file.describe() for file in files]}
    _write_json(layout.place(path), listed)
    return storage.upload(layout.folder / path, path)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write for people too: a row of a matrix stays on one line."""
    text = json.dumps(content, indent=2, allow_nan=False)
    text = _LIST.sub(lambda found: f"[{_BREAK.sub(' ', found[1])}]", text)
    path.write_text(f"{text}\n")


def _rfc3339(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
