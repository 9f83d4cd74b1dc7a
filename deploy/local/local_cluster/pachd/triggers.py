"""Branches that pachd moves by itself, when a commit of another one is finished."""

from typing import Any

import grpc

from local_cluster.pachd.branches import Branches, new_id
from local_cluster.pachd.errors import PfsError, unknown
from local_cluster.pachd.records import (
    Branch,
    BranchKey,
    Commit,
    CommitKey,
    Origin,
    Trigger,
)
from local_cluster.pachd.store import Store

__all__ = ["Triggers", "trigger_of"]


def trigger_of(request: Any) -> Trigger | None:
    """Return the trigger that a branch is to have, or refuse one that cannot be."""
    asked = request.trigger
    if not asked.branch:
        return None
    if request.provenance:
        raise unknown("a branch cannot have both provenance and a trigger")
    if not asked.commits or asked.size or asked.rate_limit_spec or asked.cron_spec:
        words = "the local pachd has triggers by a number of commits alone"
        raise PfsError(grpc.StatusCode.UNIMPLEMENTED, words)
    return Trigger(asked.branch, asked.commits)


class Triggers:
    """Acts within the transaction that finishes a commit."""

    def __init__(self, store: Store, branches: Branches) -> None:
        self._store = store
        self._branches = branches

    def set(self, key: BranchKey, trigger: Trigger) -> None:
        """Have a branch moved by another one from now on; nothing takes that back."""
        branch = self._store.branch(key)
        branch.trigger = trigger
        self._store.save(branch)

    def fire(self, commit: Commit) -> None:
        """Move the branches that this commit moves, and those that these move.

        One that was given up, or turned out faulty, moves none. Nothing tells of a
        move: the commit was made on its own branch, and it is no new one.
        """
        moved = [] if commit.error or commit.branch is None else [commit.branch]
        for name in moved:
            for branch in list(self._store.repo(commit.key.repo).branches.values()):
                if branch.key.name not in moved and self._is_due(branch, name, commit):
                    self._branches.move(branch.key, commit.key.id)
                    self._branches.propagate(branch.key, new_id())
                    moved.append(branch.key.name)

    def _is_due(self, branch: Branch, by: str, commit: Commit) -> bool:
        trigger = branch.trigger
        if trigger is None or trigger.branch != by or branch.head == commit.key.id:
            return False
        return self._come_since(branch.head, commit) >= trigger.commits

    def _come_since(self, head: str, commit: Commit) -> int:
        """How many commits lie above a head; pachd's own first one is none."""
        come = 0
        walker: Commit | None = commit
        while walker is not None and walker.key.id != head:
            come += walker.parent is not None or walker.origin is not Origin.AUTO
            above = CommitKey(commit.key.repo, walker.parent or "")
            walker = self._store.commit(above) if above.id else None
        return come
