"""Whether the record of a model holds: `mnistctl verify`, asked beside the page.

It asks pachd two dozen things and reads what is not too large, so nobody waits for
it: whoever looks is told what is known, and when that was found out. An output commit
never changes, but what it was made of may be deleted, so an answer is asked for anew
after a while.
"""

import asyncio
import shlex
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from mnist_operator import places
from mnist_operator.cli.dashboard.keyring import Key
from mnist_operator.cli.dashboard.words import shown
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.models import Found, explain_refusal, published
from mnist_operator.cli.opened import Opened, open_found
from mnist_operator.cli.verify.reading import Reader
from mnist_operator.cli.verify.report import Terms, build_item, verify
from mnist_operator.cli.verify.verification import (
    Check,
    Data,
    Result,
    Verified,
    Witnesses,
)
from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import NotFoundError, OperatorError, TooLargeError
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining

__all__ = ["Look", "Verdicts", "is_small"]

_KEPT = 256
_AT_ONCE = 2
_PATIENCE_SECONDS = 60.0
_AGAIN = timedelta(minutes=10)
_SOON = timedelta(seconds=15)
"""After a pachd that gave no answer."""
_DEEP_BYTES = 32 << 20
"""Up to so much every file is read; beyond, pachd's own hashes are compared."""
_PASSED = 20
"""Commits above a model that are looked at, to see whether they are strangers'."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a record."""

    item: Mapping[str, Any] | None = None
    """What `mnistctl verify` says; None while nobody knows."""
    checked: datetime | None = None
    trouble: str = ""
    """Why nothing newer is known, in one line."""
    busy: bool = False
    """Whether it is being found out."""
    keys: tuple[Key, ...] = ()
    """What signatures are checked with."""

    @property
    def options(self) -> str:
        """What `mnistctl verify` is told of these keys, after a space."""
        return "".join(f" --key {shlex.quote(each.name)}" for each in self.keys)

    @property
    def said(self) -> str:
        """The same in a sentence; empty while nobody knows."""
        if self.item is None:
            return ""
        return f"The record {'holds' if self.item['valid'] else 'does not hold'}."


@dataclass(slots=True)
class _Known:
    item: Mapping[str, Any] | None = None
    checked: datetime | None = None
    trouble: str = ""
    until: datetime | None = None
    task: "asyncio.Task[None] | None" = None


class Verdicts:
    """Finds out, and keeps what was found."""

    def __init__(
        self,
        keys: Callable[[], tuple[Key, ...]] = tuple,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Check signatures with what `keys` gives back; with no key: not at all."""
        self._keys = keys
        self._now = now
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        """End what is being found out."""
        tasks = [each.task for each in self._known.values() if each.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look(self, pachd: Pachyderm, training: MnistTraining, commit: str) -> Look:
        """What is known of a model; who looks first makes it be found out."""
        try:
            keys = self._keys()
        except click.UsageError as error:
            return Look(trouble=error.message)
        pems = tuple(each.pem for each in keys)
        key = (pachd.connection, places.output_branch(training), commit, pems)
        known = self._known.setdefault(key, _Known())
        self._known.move_to_end(key)
        is_old = known.until is None or self._now() >= known.until
        if known.task is None and is_old:
            asking = self._ask(known, pachd, training, commit, pems)
            known.task = asyncio.create_task(asking)
        self._forget()
        busy = known.task is not None
        return Look(known.item, known.checked, known.trouble, busy, keys)

    def _forget(self) -> None:
        while len(self._known) > _KEPT:
            _, old = self._known.popitem(last=False)
            if old.task:
                old.task.cancel()

    async def _ask(
        self,
        known: _Known,
        pachd: Pachyderm,
        training: MnistTraining,
        commit: str,
        pems: Sequence[bytes],
    ) -> None:
        try:
            async with self._turns, asyncio.timeout(_PATIENCE_SECONDS):
                found = await _verify(pachd, training, commit, pems)
            known.item, known.trouble = build_item(found), ""
            known.checked = self._now()
            known.until = known.checked + _AGAIN
        except TimeoutError:
            self._put_off(known, f"it took more than {_PATIENCE_SECONDS:g} seconds")
        except (OperatorError, OSError) as error:
            self._put_off(known, shown(error))
        finally:
            known.task = None

    def _put_off(self, known: _Known, why: str) -> None:
        known.trouble, known.until = why, self._now() + _SOON


async def _verify(
    pachd: Pachyderm, training: MnistTraining, name: str, keys: Sequence[bytes]
) -> Verified:
    branch = places.output_branch(training)
    commit = await pachd.commit(branch.repo, name)
    if commit is None:
        why = f"{name} is not there any more: it was squashed or dropped"
        return _refuse(branch.repo, name, why)
    model = published(commit)
    if model is None:
        return _refuse(branch.repo, name, explain_refusal(commit))
    terms = Terms(keys, run_repo=places.run_repo(training).name)
    found = Found(commit, model, *await _above(pachd, branch, name))
    try:
        opened = await open_found(pachd, found)
        reader = Reader(pachd, deep=False)
        seen = await reader.read(opened)
        if is_small(opened, seen):
            seen = await reader.deeper().read(opened)
        return verify(opened, seen, terms)
    except (NotFoundError, TooLargeError, NoAnswerError) as error:
        return _refuse(branch.repo, name, f"it cannot be read: {error}")


async def _above(
    pachd: Pachyderm, branch: Branch, name: str
) -> tuple[str, tuple[Commit, ...]]:
    """What its branch has above a model, where that is the newest one."""
    passed: list[Commit] = []
    async with aclosing(pachd.history(branch.repo, branch, page=_PASSED)) as commits:
        async for each in commits:
            if each.id == name:
                return str(branch), tuple(passed)
            if published(each) is not None or len(passed) == _PASSED:
                break
            passed.append(each)
    return "", ()


def is_small(opened: Opened, seen: Witnesses) -> bool:
    """Whether all that a record is about may be read, by the sizes that pachd says."""
    sizes = [each.size for each in opened.files]
    for part in (seen.data, seen.beginning):
        if isinstance(part, Data):
            sizes += [each.size for each in part.files.values()]
    return sum(sizes) <= _DEEP_BYTES


def _refuse(repo: Repo, name: str, why: str) -> Verified:
    remedy = f"use no file of it; find out who wrote to {repo}, or deleted there"
    check = Check("commit", Result.FAILED, (why,), remedy)
    return Verified(f"{repo}@{name}", None, (check,))
