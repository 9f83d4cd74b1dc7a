"""A glance instead of a look: branches as one list of their repo showed them.

After a restart thousands look for the first time, and mostly find that all is well.
Each asks for half a dozen branches, one by one; a list of their repo answers all of
them, also those of others there. A glance is good for finding that nothing is to be
done, and for nothing else: whoever would write must look first.
"""

import asyncio
from functools import partial
from typing import Any

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import NotFoundError
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.wire import BranchFacts

__all__ = ["Glances", "PresumedError"]

_SECONDS = 10.0
"""So long is a list good."""


class PresumedError(Exception):
    """What was only presumed is no ground for a change: look first."""


class Glances:
    """The lists of one client, shared by all who glance at the same time."""

    def __init__(self, client: Pachyderm) -> None:
        self._client = client
        self._lists: dict[Repo, asyncio.Task[dict[str, BranchFacts]]] = {}

    def client(self) -> Pachyderm:
        """A client that takes branches from the lists, and makes none."""
        return _Presuming(self, self._client)

    async def branches(self, repo: Repo) -> dict[str, BranchFacts]:
        """The branches of a repo by name.

        Raises:
            NotFoundError: There is no such repo.
        """
        known = self._lists.get(repo)
        # kopf, at its end, cancels what began after it; and it is begun anew.
        if known is None or known.cancelled():
            listing = self._client.branch_heads(repo)
            self._lists[repo] = asyncio.create_task(listing)
            forget = partial(self._lists.pop, repo)
            asyncio.get_running_loop().call_later(_SECONDS, forget)
        return await asyncio.shield(self._lists[repo])


class _Presuming(Pachyderm):
    def __init__(self, glances: Glances, client: Pachyderm) -> None:
        self._calls, self._final = client.calls, client._final  # noqa: SLF001 (its own)
        self._glances = glances

    async def repo_exists(self, repo: Repo) -> bool:
        try:
            await self._glances.branches(repo)
        except NotFoundError:
            return False
        return True

    async def create_repo(self, *_: Any, **__: Any) -> None:
        raise PresumedError

    async def create_branch(self, *_: Any, **__: Any) -> None:
        raise PresumedError

    async def _inspect(self, branch: Branch) -> BranchFacts:
        found = (await self._glances.branches(branch.repo)).get(branch.name)
        if found is None:
            raise NotFoundError("pachd", "ListBranch", f"branch {branch} not found")
        return found
