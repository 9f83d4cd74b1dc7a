"""For a person's last look at a terminal: how good, how sure, how long, and what."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mnist_trainer.storage import StoredFile

__all__ = ["compose_summary"]

_WORST: Final = 3
"""Classes that are named."""

_MARGIN: Final = 16


def compose_summary(
    metrics: Mapping[str, Any],
    seconds: Mapping[str, Any],
    files: Sequence[StoredFile],
    output: Path | None,
) -> list[str]:
    """Compose the lines of a table.

    Args:
        metrics: as in ``metrics.json``.
        seconds: as ``Phases.describe`` gives them.
        files: that were written.
        output: the folder that they are in.

    """
    sure = metrics["accuracyInterval"]
    parts = (
        f"{name} {spent:.1f}"
        for name, spent in seconds.items()
        if name not in {"total", "beside"}
    )
    return [
        *_row(
            "accuracy",
            f"{metrics['accuracy']:.2%} of {metrics['images']['test']} test images",
            f"{sure['low']:.2%} to {sure['high']:.2%} with {sure['confidence']:.0%} "
            "confidence",
        ),
        *_row("loss", f"{metrics['loss']:.4f}"),
        *_row("worst classes", *_describe_worst(metrics["perClass"])),
        *_row("time", f"{seconds['total']:.1f} s: {', '.join(parts)}"),
        *_row("files", *_describe_files(files, output)),
    ]


def _row(title: str, *lines: str) -> list[str]:
    heads = [title, *[""] * len(lines)]
    return [f"{head:{_MARGIN}}{line}" for head, line in zip(heads, lines, strict=False)]


def _describe_worst(classes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name those of which most is missed; the first of equals first."""
    known = [one for one in classes if one["recall"] is not None]
    worst = sorted(known, key=lambda one: float(one["recall"]))[:_WORST]
    return [
        f"{one['name']}: {one['recall']:.2%} of {one['support']} recognised"
        for one in worst
    ]


def _describe_files(files: Sequence[StoredFile], output: Path | None) -> list[str]:
    if output is None:
        return ["none"]
    paths = [f"{output}{file.path}" for file in files]
    width = max([len(path) for path in paths], default=0)
    return [
        f"{path:{width}}  {file.bytes:>11,} bytes"
        for path, file in zip(paths, files, strict=True)
    ]
