"""For what stands on a commit that pachd is still finishing: wait for that, ask again.

Nothing of a commit is read, and nothing deleted in it, before its base is finished.
That takes pachd some tenths of a second, in which another commit may follow: so does
the second of two lines of a ledger.
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from mnist_operator.commits import Repo
from mnist_operator.errors import UnfinishedBaseError, UpstreamError
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.channel import Calls
from mnist_operator.pachyderm.proto import number, part
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = ["patiently"]

_SECONDS = 10.0
"""One that takes longer is large, or was left open: then the caller is told."""
_BASE = re.compile(r"base commit \S+@([0-9a-f]+) for commit")

_T = TypeVar("_T")


async def patiently(calls: Calls, repo: Repo, ask: Callable[[], Awaitable[_T]]) -> _T:
    """Ask; once more when the base is finished, if it was not.

    Raises:
        UnfinishedBaseError: It still is not.
    """
    try:
        return await ask()
    except UnfinishedBaseError as error:
        base = _BASE.search(error.detail)
        if base is None:
            raise
        commit = part(1, wire.commit_bytes(repo, base[1]))
        question = commit + number(2, pfs_pb2.FINISHED)
        with suppress(UpstreamError):  # Whoever asks again is told what is wrong.
            await calls.ask(
                "InspectCommit", question, bytes, seconds=_SECONDS, patient=True
            )
    return await ask()
