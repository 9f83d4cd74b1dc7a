"""Finishing commits some time after they were closed, as pachd does.

A commit finishes only when its parent has. What was closing when the server died
goes on at the next start.
"""

import asyncio
import time

from local_cluster.pachd.records import Commit, CommitKey
from local_cluster.pachd.store import Store
from local_cluster.pachd.trees import collision
from local_cluster.pachd.triggers import Triggers
from local_cluster.pachd.views import tree_of

__all__ = ["Finisher"]


class Finisher:
    """Turns finishing commits into finished ones."""

    def __init__(
        self, store: Store, triggers: Triggers, *, delay_seconds: float
    ) -> None:
        self._store = store
        self._triggers = triggers
        self._delay = delay_seconds
        self._timers: dict[CommitKey, asyncio.TimerHandle] = {}
        self._ripe: set[CommitKey] = set()
        self._held: str | None = None

    def start(self) -> None:
        """Take up what was left over."""
        for commit in self._store.all_commits():
            if commit.finishing is not None and commit.finished is None:
                self.schedule(commit.key)

    def stop(self) -> None:
        """Let go of everything; it stays finishing until the next start."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def schedule(self, key: CommitKey) -> None:
        """Finish a commit after the delay, and after its parent."""
        loop = asyncio.get_running_loop()
        self._timers[key] = loop.call_later(self._delay, self._ripen, key)

    def hold(self, repo: str | None) -> None:
        """Finish no commit of a repo any more, by its name; with None, all again."""
        self._held = repo
        with self._store.transaction():
            for key in tuple(self._ripe):
                self._finish_all(key)

    def _ripen(self, key: CommitKey) -> None:
        self._timers.pop(key, None)
        self._ripe.add(key)
        with self._store.transaction():
            self._finish_all(key)

    def _finish_all(self, key: CommitKey) -> None:
        """Finish a commit and then the children that waited for it."""
        queue = [key]
        while queue:
            commit = self._store.repos[key.repo].commits.get(queue.pop().id)
            if commit is not None and self._may_finish(commit):
                self._ripe.discard(commit.key)
                self._finish(commit)
                queue += [CommitKey(key.repo, child) for child in commit.children]

    def _may_finish(self, commit: Commit) -> bool:
        if commit.key not in self._ripe or commit.key.repo.name == self._held:
            return False
        if commit.parent is None:
            return True
        parent = self._store.commit(CommitKey(commit.key.repo, commit.parent))
        return parent.finished is not None

    def _finish(self, commit: Commit) -> None:
        commit.finished = time.time_ns()
        if not commit.error:
            commit.tree = tree_of(self._store, commit)
            if (path := collision(commit.tree)) is not None:
                commit.error = f"file / directory path collision ({path})"
        self._store.save(commit)
        self._triggers.fire(commit)
