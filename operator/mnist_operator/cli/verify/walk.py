"""Verify one model, or all of a branch: several at a time, told in their order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import replace

from mnist_operator.cli.models import Found, published
from mnist_operator.cli.opened import open_found
from mnist_operator.cli.verify.reading import Reader
from mnist_operator.cli.verify.report import Terms, verify
from mnist_operator.cli.verify.stranger_files import read_strangers
from mnist_operator.cli.verify.strangers import is_foreign, tell_stranger
from mnist_operator.cli.verify.verification import Check, Result, Verified
from mnist_operator.commits import Branch, Commit
from mnist_operator.errors import NotFoundError, TooLargeError
from mnist_operator.pachyderm import Pachyderm

__all__ = ["judge_signatures", "verify_all", "verify_found"]

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
    reader, turns = Reader(client, deep=terms.deep), asyncio.Semaphore(_AT_ONCE)
    waiting: deque[asyncio.Future[Verified]] = deque()
    foreign: list[Commit] = []
    above: list[Commit] = []
    history = client.history(branch.repo, branch, page=_PAGE)
    try:
        async with aclosing(history):
            async for commit in history:
                model = published(commit)
                if model is None:
                    (foreign if is_foreign(commit) else above).append(commit)
                    continue
                waiting += _tell_strangers(client, foreign, turns)
                foreign.clear()
                found = Found(commit, model)
                if not waiting and above:  # Who reads the branch gets its head.
                    found = replace(found, branch=str(branch), passed=tuple(above))
                asking = verify_found(client, reader, found, terms)
                waiting.append(asyncio.ensure_future(asking))
                while waiting and (waiting[0].done() or len(waiting) >= _AT_ONCE):
                    yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def judge_signatures(
    models: AsyncGenerator[Verified],
) -> AsyncGenerator[Verified]:
    """The same, but an unsigned model above a signed one is a fault.

    Signing may have begun later than the branch, and never ends by itself. So what
    is unsigned is held back until an older one is signed, or there is none.
    """
    held: list[Verified] = []
    async with aclosing(models):
        async for each in models:
            signature = _signature_of(each)
            if signature is not None and signature.result is Result.OK:
                for one in held:
                    yield _blamed(one)
                held.clear()
                yield each
            elif held or _is_unsigned(each):
                held.append(each)
            else:
                yield each
    for one in held:
        yield one


def _signature_of(one: Verified) -> Check | None:
    return next((each for each in one.checks if each.name == "signature"), None)


def _is_unsigned(one: Verified) -> bool:
    signature = _signature_of(one)
    return signature is not None and signature.result is Result.UNKNOWN


def _blamed(one: Verified) -> Verified:
    if not _is_unsigned(one):
        return one
    told = "it is not signed, though older models of this branch are"
    remedy = "do not use this model: somebody else than the operator made it"
    blame = Check("signature", Result.FAILED, (told,), remedy)
    checks = (blame if each.name == "signature" else each for each in one.checks)
    return replace(one, checks=tuple(checks))


async def verify_found(
    client: Pachyderm, reader: Reader, found: Found, terms: Terms
) -> Verified:
    """One model; what cannot be read is a fault of it, and not the end of all."""
    commit = found.commit
    try:
        opened = await open_found(client, found)
        return verify(opened, await reader.read(opened), terms)
    except (NotFoundError, TooLargeError) as error:
        return _alone(commit, found.model.training, f"it cannot be read: {error}")


def _tell_strangers(
    client: Pachyderm, commits: Iterable[Commit], turns: asyncio.Semaphore
) -> Iterator[asyncio.Future[Verified]]:
    """Each of them with what is in it, a few at a time."""

    async def tell(commit: Commit) -> Verified:
        async with turns:
            contents = await read_strangers(client, [commit])
        told = tell_stranger(commit, contents.get(commit.id))
        return _alone(commit, None, "mnist-operator did not write this commit", told)

    return (asyncio.ensure_future(tell(each)) for each in commits)


def _alone(commit: Commit, training: str | None, *faults: str) -> Verified:
    remedy = f"use no file of it; find out who wrote to {commit.repo}"
    check = Check("commit", Result.FAILED, faults, remedy)
    return Verified(str(commit), training, (check,))
