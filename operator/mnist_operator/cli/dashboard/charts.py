"""The pictures of the pages, each as large and as small as it is shown. Pure.

Every one is drawn twice, and the style sheet shows what fits: a picture that is
scaled down to a telephone has texts that nobody can read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from mnist_operator.cli.dashboard import curves, plots, trees
from mnist_operator.cli.dashboard.curves import Epoch
from mnist_operator.cli.dashboard.decisions import Point
from mnist_operator.cli.dashboard.trees import Branch
from mnist_operator.decisions import Decision, Entry

__all__ = [
    "branch_of",
    "branches_of",
    "draw_accuracy",
    "draw_curves",
    "draw_lineage",
    "family",
]

_STATES = {Decision.PUBLISHED: "Succeeded", Decision.FAILED: "Failed"}
_FAMILY = 6
_LEAST = 2


def draw_accuracy(points: Sequence[Point], runs: str) -> Markup:
    """Accuracy over runs; empty where there is no model."""
    if all(each.accuracy is None for each in points):
        return Markup()
    frames = (plots.WIDE, plots.NARROW)
    drawn = "\n".join(plots.draw(points, each, runs) for each in frames)
    return Markup(drawn)  # noqa: S704 (every text in it is escaped there)


def draw_lineage(branches: Sequence[Branch], runs: str) -> Markup:
    """Data, runs and models; empty where there are none."""
    if not branches:
        return Markup()
    sizes = (trees.LARGE, trees.SMALL)
    drawn = "\n".join(trees.draw_tree(branches, each, runs) for each in sizes)
    return Markup(drawn)  # noqa: S704 (every text in it is escaped there)


def draw_curves(epochs: Sequence[Epoch]) -> list[Markup]:
    """Accuracy and loss of each epoch; none where a single one makes no curve."""
    if len(epochs) < _LEAST:
        return []
    kinds = ("accuracy", "loss")
    drawn = [curves.draw_curve(epochs, each) for each in kinds]
    return [Markup(each) for each in drawn]  # noqa: S704 (escaped there)


def branches_of(
    runs: Iterable[Mapping[str, Any]], states: Mapping[str, str]
) -> list[Branch]:
    """Runs as `mnistctl runs` tells them; what the status says of open ones counts."""
    return [
        Branch(
            commit=each["inputCommit"],
            run=each["run"],
            state=states.get(each["run"], each["state"]),
            model=each["modelCommit"] or "",
            accuracy=each["accuracy"] or "",
            begins_from=each["beginsFrom"] or "",
        )
        for each in runs
    ]


def branch_of(entry: Entry) -> Branch:
    """A run, as the ledger tells it."""
    state = _STATES.get(entry.decision, entry.decision.value)
    return Branch(entry.commit, entry.run, state, entry.output, entry.accuracy)


def family(
    own: Branch, entries: Sequence[Entry], newest: Collection[Branch]
) -> list[Branch]:
    """The runs around one: on the same commit, and by whose model which began."""
    by_run = {each.run: each for each in newest}
    near = {
        each.run: by_run.get(each.run, branch_of(each))
        for each in entries
        if each.run
        and (
            each.commit == own.commit
            or (each.output and each.output == own.begins_from)
        )
    }
    near |= {each.run: each for each in newest if each.commit == own.commit}
    begun = [each for each in newest if own.model and each.begins_from == own.model]
    others = [each for run, each in near.items() if run != own.run]
    told = {each.run: each for each in (*others[-_FAMILY:], *begun[:_FAMILY])}
    told.pop(own.run, None)
    return [*told.values(), replace(own, here=True)]


def _is_model(entry: Entry, commit: str) -> bool:
    return bool(commit) and entry.output == commit
