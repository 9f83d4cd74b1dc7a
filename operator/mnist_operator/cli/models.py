"""Which commits are models, and why the others are none. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mnist_operator.commits import Commit, CommitState
from mnist_operator.lineage import Model, read_model
from mnist_operator.runs import read_attempt

__all__ = [
    "Found",
    "compare_provenance",
    "explain_refusal",
    "is_current",
    "published",
    "tell_passed",
]

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Found:
    """The model that was asked for."""

    commit: Commit
    model: Model
    branch: str = ""
    """The branch that it was found on; empty when its commit was named."""
    passed: tuple[Commit, ...] = ()
    """Newer commits of the branch that hold no model."""
    notes: tuple[str, ...] = ()
    """What else is to be said of the search."""


def published(commit: Commit) -> Model | None:
    """The model in a commit; None for what is not ours, or not finished well."""
    return read_model(commit) if commit.state is CommitState.FINISHED else None


def compare_provenance(commit: Commit, model: Model) -> list[str]:
    """Whether pachd itself says another input; it says none without Native."""
    said = f"{model.input_repo}@{model.input_commit}"
    found = [f"{repo}@{each}" for repo, each in commit.provenance]
    if not found or said in found:
        return []
    others = ", ".join(found)
    return [f"the description says it learned from {said}, pachd: {others}"]


def is_current(commit: Commit, at: datetime | None) -> bool:
    """Whether it was finished by then, to the second, as times are shown."""
    if commit.finished is None:
        return False
    return at is None or commit.finished.replace(microsecond=0) <= at


def explain_refusal(commit: Commit) -> str:
    """Why a commit is no model, and what its reader can do."""
    if read_model(commit) is None:
        if read_attempt(commit) is not None:
            return f"{commit} is an attempt's run, not a model: try mnistctl history"
        return (
            f"{commit} is not a model: its description is not mnist-operator's;"
            " name a commit of the output repo"
        )
    if commit.state is CommitState.ERRORED:
        return (
            f"{commit} is not a model: it was given up ({commit.error});"
            f" for the current one ask {commit.repo}@BRANCH"
        )
    return f"{commit} is not a model yet: it is being published; ask again in a moment"


def tell_passed(branch: str, passed: Sequence[Commit]) -> str:
    """What stands above the model on its branch."""
    shown = ", ".join(f"{each.id} ({_kind(each)})" for each in passed[:_SHOWN])
    more = ", …" if len(passed) > _SHOWN else ""
    count = "1 newer commit" if len(passed) == 1 else f"{len(passed)} newer commits"
    verb = "holds" if len(passed) == 1 else "hold"
    return f"{count} on {branch} {verb} no finished model: {shown}{more}"


def _kind(commit: Commit) -> str:
    if commit.state is not CommitState.FINISHED:
        return commit.state.lower()
    return "not mnist-operator's"
