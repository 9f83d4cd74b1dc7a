"""The answer of `mnistctl diff`, as one object. Pure.

Its shape is documented in docs/mnistctl/diff.md and kept: keys are added, never
renamed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mnist_operator.cli.data.places import State
from mnist_operator.data_changes import DataChange
from mnist_operator.datasets.changes import Comparison, Pair, SplitChange
from mnist_operator.datasets.files import FileChange, Version
from mnist_operator.datasets.pairs import PARTS
from mnist_operator.datasets.surveys import Split
from mnist_operator.status import timestamp

__all__ = ["build_report"]


def build_report(
    before: State, after: State, change: DataChange, *, path: str, limit: int
) -> dict[str, Any]:
    """All that changed; samples are listed up to ``limit`` of each kind and split."""
    comparison = change.comparison
    return {
        "kind": "mnistctl/diff",
        "version": 1,
        "before": _state(before),
        "after": _state(after),
        "path": "/" + path.strip("/"),
        "same": change.files.same,
        "files": {
            "added": [_file(each) for each in change.files.added],
            "removed": [_file(each) for each in change.files.removed],
            "changed": [_file(each) for each in change.files.changed],
            "unchanged": change.files.unchanged,
        },
        "samples": _samples(comparison, limit) if comparison else None,
        "reason": change.reason or None,
        "notes": _notes(comparison) if comparison else [],
    }


def _state(state: State) -> dict[str, Any]:
    commit = state.commit
    return {
        "asked": state.asked,
        "name": state.source.name,
        "repo": str(commit.repo) if commit else None,
        "commit": commit.id if commit else None,
        "finished": timestamp(commit.finished) if commit and commit.finished else None,
        "model": str(state.model) if state.model else None,
    }


def _file(change: FileChange) -> dict[str, Any]:
    sides = {"before": change.before, "after": change.after}
    return {"path": change.path} | {side: _version(v) for side, v in sides.items()}


def _version(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {
        "size": version.size,
        "hash": version.hash or None,
        "sha256": version.sha256 or None,
    }


def _samples(comparison: Comparison, limit: int) -> dict[str, Any]:
    before, after = comparison.before, comparison.after
    return {
        "same": comparison.same,
        "shape": {"before": _list(before.shape), "after": _list(after.shape)},
        "classNames": {"before": _list(before.names), "after": _list(after.names)},
        "splits": {
            part: _split(
                comparison.split(part),
                before.split(part),
                after.split(part),
                before.names,
                after.names,
                limit=limit,
            )
            for part in PARTS
        },
        "leaked": _pair(comparison.leaked),
        "moved": {
            "trainToTest": comparison.moved_to_test,
            "testToTrain": comparison.moved_to_train,
        },
    }


def _split(
    change: SplitChange,
    old: Split,
    new: Split,
    *names: Sequence[str] | None,
    limit: int,
) -> dict[str, Any]:
    return {
        **_pair(change.samples),
        "kept": change.kept,
        "added": len(change.added),
        "removed": len(change.removed),
        "relabelled": len(change.relabelled),
        "relabelledShare": round(change.relabelled_share, 6),
        "removedShare": round(change.removed_share, 6),
        "classShift": round(change.class_shift, 6),
        "relabellings": [
            {"from": each.old, "to": each.new, "count": each.count}
            for each in change.relabellings
        ],
        "duplicated": _pair(change.duplicated),
        "contradictory": _pair(change.contradictory),
        "classes": [
            {
                "class": each.label,
                "name": _name(each.label, *reversed(names)),
                **_pair(each),
                "change": each.after - each.before,
            }
            for each in change.classes
        ],
        "examples": _examples(change, old, new, limit),
    }


def _name(label: int, *names: Sequence[str] | None) -> str | None:
    """What a class is called, by the newer side if that says it."""
    found = (each[label] for each in names if each and label < len(each))
    return next(found, None)


def _examples(
    change: SplitChange, old: Split, new: Split, limit: int
) -> dict[str, Any]:
    """Where the first samples of each kind are."""
    return {
        "added": [_place(new, each) for each in change.added[:limit]],
        "removed": [_place(old, each) for each in change.removed[:limit]],
        "relabelled": [
            {"before": _place(old, i), "after": _place(new, j)}
            for i, j in change.relabelled[:limit]
        ],
        "contradictory": [
            [_place(new, each) for each in places]
            for places in change.contradictions[:limit]
        ],
    }


def _place(split: Split, index: int) -> dict[str, Any]:
    place = split.place(index)
    return {"file": place.file, "index": place.index, "label": split.label(index)}


def _pair(pair: Pair) -> Mapping[str, int]:
    return {"before": pair.before, "after": pair.after}


def _list(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _notes(comparison: Comparison) -> list[str]:
    """What should make its reader think twice."""
    notes = []
    before, after = comparison.before.shape, comparison.after.shape
    if before != after:
        notes.append(
            f"images were {_shape(before)} and are {_shape(after)}: no sample can be"
            " the same"
        )
    counts = ((part, comparison.split(part).contradictory.after) for part in PARTS)
    notes += [
        f"{_many(count, f'{part} image has', f'{part} images have')} several labels in"
        " B"
        for part, count in counts
        if count
    ]
    if count := comparison.leaked.after:
        notes.append(
            f"{_many(count, 'test image is', 'test images are')} among the train images"
            " in B: a test with them is no test"
        )
    return notes


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _shape(shape: Sequence[int] | None) -> str:
    return " x ".join(map(str, shape or ()))
