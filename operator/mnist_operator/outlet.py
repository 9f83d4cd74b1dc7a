"""Where a model is written, and how its readers come to see it: what all ways share.

There are two ways, chosen by spec.output.provenance: `outlet_plain` (Metadata) and
`outlet_pinned` (Native). Neither ever deletes a branch: that would break the
subscriptions of others.
"""

from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Protocol

from mnist_operator import places
from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.errors import (
    AlreadyFinishedError,
    ConflictError,
    DeniedError,
    NotFoundError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.evidence import Evidence
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import Model, model_of
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt

__all__ = [
    "FINISH_SECONDS",
    "GIVEN_UP",
    "Outlet",
    "Place",
    "find_twin",
    "give_up",
    "has_nothing",
    "is_refused",
    "is_shown",
    "move_to_head",
    "wait_final",
]

FINISH_SECONDS = 300.0
"""Longest wait for pachd to finish a commit: it compacts and validates it."""
_FASTER = 100
"""So many models may another operator have published meanwhile."""
GIVEN_UP = "given up: "
"""So begins the error of a commit that an operator ended, and not pachd."""


@dataclass(frozen=True, slots=True)
class Place:
    """The commit that a model goes into, or is in already."""

    commit: Commit
    is_shown: bool = False
    """Whether readers of the output branch see it: then there is nothing to do."""


class Outlet(Protocol):
    """One way to bring a model to the output branch."""

    async def open(self, attempt: Attempt, evidence: Evidence, ledger: Ledger) -> Place:
        """The open commit to write to, or the model of this turn that is there.

        Raises:
            HeadOpenError: Somebody else holds the output branch's head open.
            ConflictError: Another operator was faster; the next look tells.
        """
        ...

    async def confirm(self, commit: Commit) -> None:
        """Look once more, just before an open commit is finished.

        Raises:
            ConflictError: Another operator opened one in its place; it is given up.
        """
        ...

    async def show(self, commit: Commit) -> None:
        """Let the readers of the output branch see a finished commit."""
        ...


async def find_twin(
    client: Pachyderm,
    training: MnistTraining,
    attempt: Attempt,
    ledger: Ledger,
    start: str | None,
) -> Commit | None:
    """The model of this attempt's turn, at or below a commit of the output branch.

    Whoever holds the lock looks here again: it may have been published since.

    Raises:
        ConflictError: pachd has not finished it yet, so it may still be refused.
    """
    until = ledger.published.output if ledger.published else None
    if start is None or start == until:
        return None
    repo = places.output_branch(training).repo
    history = client.history(repo, start, until=until)
    async with aclosing(history):
        async for older in history:
            model = model_of(older, training.key)
            if model is None or older.error:
                continue  # Also what another operator gives up at this moment.
            if model.turn == attempt.turn:
                ended = await wait_final(client, older)
                if ended is not None and not ended.error:
                    return ended
                continue
            if model.run in ledger.runs:
                break  # What is below was looked at when that was written down.
    return None


def is_refused(commit: Commit, model: Model, attempt: Attempt) -> bool:
    """Whether pachd itself found fault with what was written for this very run.

    Then the run has failed, and whoever looks says so: one operator may have written
    that down already, and another one, or the next, must not publish it after all.
    """
    by_pachd = bool(commit.error) and not commit.error.startswith(GIVEN_UP)
    return by_pachd and model.run == attempt.staging


def has_nothing(commit: Commit) -> bool:
    """Whether the readers of an output branch have no use for it, yet or for ever."""
    return commit.state is CommitState.OPEN or bool(commit.error)


async def wait_final(client: Pachyderm, commit: Commit) -> Commit | None:
    """A commit as it is for ever; None if it is gone.

    Raises:
        ConflictError: pachd does not come to an end with it.
    """
    ended: Commit | None = commit
    if commit.finished is None:
        ended = await client.commit(
            commit.repo, commit.id, wait_finished=True, timeout=FINISH_SECONDS
        )
    if ended is not None and ended.finished is None:
        detail = f"commit {ended.id} is still being finished"
        raise ConflictError("pachd", "InspectCommit", detail)
    return ended


async def is_shown(client: Pachyderm, head: str, commit: Commit) -> bool:
    """Whether a branch with that head shows a commit, or what stands on it.

    Another operator may have been faster, and have gone on since.
    """
    if head == commit.id:
        return True  # As it is nearly always: that costs no call.
    seen = 0
    history = client.history(commit.repo, head, until=commit.parent)
    async with aclosing(history):
        async for older in history:
            seen += 1
            if older.id == commit.id:
                return True
            if seen == _FASTER:
                break
    return False


async def move_to_head(
    client: Pachyderm, branch: Branch, leader: Branch, commit: str
) -> None:
    """Move a branch to a commit, by naming another branch whose head that is.

    A call may be given up and arrive seconds later. It then moves the branch to what
    the other one has for a head by now, and does not turn time back.
    """
    try:
        await client.create_branch(branch, leader)
    except (ConflictError, DeniedError, UnreachableError):
        raise
    except UpstreamError:
        # Not every pachd may take a branch for a head.
        await client.create_branch(branch, commit)


async def give_up(client: Pachyderm, commit: Commit, why: str) -> None:
    """End an open commit, with nothing but what it inherits, and take it away.

    Ended first: pachd refuses that where another operator has finished it meanwhile,
    and a call that arrives late then changes nothing. What pachd opened itself, as
    the first of its branch, stays where it ended: once it were dropped, pachd would
    open another.
    """
    try:
        if not commit.provenance:
            await client.clear_commit(commit.repo, commit.id)
        await client.finish_commit(commit.repo, commit.id, error=GIVEN_UP + why)
    except (AlreadyFinishedError, NotFoundError):
        return
    if commit.parent is not None or not commit.provenance:
        with suppress(UpstreamError):
            await client.drop_commit(commit.repo, commit.id)
