"""Verify one model, or all of a branch: several at a time, told in their order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing

from mnist_operator.cli import lookup
from mnist_operator.cli.models import Found, published
from mnist_operator.cli.opened import BUNDLE_FILE, Opened
from mnist_operator.cli.verify.reading import Reader
from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.cli.verify.verification import Check, Result, Verified
from mnist_operator.commits import Branch, Commit, CommitState
from mnist_operator.errors import NotFoundError, TooLargeError
from mnist_operator.lineage import read_model
from mnist_operator.pachyderm import Pachyderm

__all__ = ["verify_all", "verify_found"]

_AT_ONCE = 8
"""Models that are looked at at the same time: each asks pachd a dozen things."""
_PAGE = 50


async def verify_all(
    client: Pachyderm, branch: Branch, terms: Terms
) -> AsyncGenerator[Verified]:
    """All models of a branch, newest first, and what stands above one and is none.

    What is older than the first model was there before the operator, and is nobody's
    fault.
    """
    reader = Reader(client, deep=terms.deep)
    waiting: deque[asyncio.Future[Verified]] = deque()
    foreign: list[Commit] = []
    history = client.history(branch.repo, branch, page=_PAGE)
    try:
        async with aclosing(history):
            async for commit in history:
                model = published(commit)
                if model is None:
                    foreign += [commit] if _is_foreign(commit) else []
                    continue
                waiting += map(_told, foreign)
                foreign.clear()
                asking = verify_found(client, reader, Found(commit, model), terms)
                waiting.append(asyncio.ensure_future(asking))
                while waiting and (waiting[0].done() or len(waiting) >= _AT_ONCE):
                    yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def verify_found(
    client: Pachyderm, reader: Reader, found: Found, terms: Terms
) -> Verified:
    """One model; what cannot be read is a fault of it, and not the end of all."""
    commit = found.commit
    try:
        content, files = await lookup.read_record(client, commit)
        bundle = None
        if any(each.path == BUNDLE_FILE for each in files):
            bundle = await client.read(commit.repo, commit.id, BUNDLE_FILE)
        opened = Opened(str(commit), content, bundle, files, found)
        return verify(opened, await reader.read(opened), terms)
    except (NotFoundError, TooLargeError) as error:
        return _alone(commit, found.model.training, f"it cannot be read: {error}")


def _told(commit: Commit) -> asyncio.Future[Verified]:
    done: asyncio.Future[Verified] = asyncio.get_running_loop().create_future()
    done.set_result(_alone(commit, None, "mnist-operator did not write this commit"))
    return done


def _alone(commit: Commit, training: str | None, fault: str) -> Verified:
    remedy = f"use no file of it; find out who wrote to {commit.repo}"
    check = Check("commit", Result.FAILED, (fault,), remedy)
    return Verified(str(commit), training, (check,))


def _is_foreign(commit: Commit) -> bool:
    return commit.state is CommitState.FINISHED and read_model(commit) is None
