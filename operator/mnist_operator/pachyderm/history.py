"""Commits as they are, and the way back from one to its ancestors.

pachd needs about 10 ms for every commit that it lists, whatever the call. So a
history is read in pages, from the newest on, only as far as someone asks.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from mnist_operator.commits import Branch, Commit, Repo
from mnist_operator.errors import (
    ConflictError,
    NotFoundError,
    UnreachableError,
    UpstreamError,
)
from mnist_operator.pachyderm import wire
from mnist_operator.pachyderm.branches import Branches
from mnist_operator.pachyderm.channel import CALL_SECONDS, READ_SECONDS, Calls
from mnist_operator.pachyderm.proto import number, part
from mnist_operator.pachyderm.recent import Recent
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = ["History"]

_PAGE = 50
_TRIES = 3
"""So often a walk begins, where commits are squashed under its first page."""
_ID = re.compile(r"[0-9A-Za-z_-]+")
_WHOLE_ID = re.compile(r"[0-9a-f]{32}")
_KEPT = 8192
"""Finished commits that are remembered at most, and twice as many at times."""
_KEPT_SECONDS = 120.0
"""And for how long they are when nobody asks for them: a head is looked at again each
minute while anything is under way, and what else was a head is of no use."""
_LONGEST_KEPT = 8192
"""Characters of the description of such a commit; ours have 2,000 to 20,000."""
_AT_ONCE = pfs_pb2.COMMIT_STATE_UNKNOWN


class History(Branches):
    """The commits of one pachd, read only."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls)
        self._final: Recent[tuple[Repo, str], Commit] = Recent(_KEPT_SECONDS, _KEPT)

    def known(self, repo: Repo, id: str) -> Commit | None:  # noqa: A002
        """A commit as it is for ever, if it was seen to be finished.

        That it is still there must be known: it may have been squashed or dropped.
        And anybody may have edited its metadata since.
        """
        return self._final.get((repo, id))

    async def commit(
        self,
        repo: Repo,
        id: str,  # noqa: A002 - what pachd, kubectl and the user call it
        *,
        wait_finished: bool = False,
        timeout: float = CALL_SECONDS,
    ) -> Commit | None:
        """Look at one commit; None where it never was, or was squashed or dropped.

        Also for an ID under which pachd knows another: a repo that a commit was made
        from answers to that one's ID, too.

        With ``wait_finished`` the answer comes when the commit is finished, or
        after ``timeout`` with the state that it has then: pachd finishes a commit
        only behind every earlier open one.
        """
        if _ID.fullmatch(id) is None:
            return None  # A forged one: pachd would take it for something else.
        try:
            if wait_finished:
                return await self._finished(repo, id, timeout)
            return await self._inspect_commit(repo, id, _AT_ONCE, timeout)
        except NotFoundError:
            return None

    async def head(self, branch: Branch) -> Commit | None:
        """Look at a branch's head.

        None where repo, branch or head is missing; ``branch_exists`` and
        ``repo_exists`` tell which.
        """
        # The head may be dropped between the two questions: then ask both again.
        for _ in range(3):
            found = await self.branch_head_id(branch)
            if found is None:
                return None
            # What is the head of a branch is there.
            commit = self.known(branch.repo, found)
            commit = commit or await self.commit(branch.repo, found)
            if commit is not None:
                return commit
        raise ConflictError("pachd", "InspectCommit", f"{branch} moves too fast")

    async def history(
        self,
        repo: Repo,
        start: str | Branch,
        *,
        until: str | None = None,
        page: int = _PAGE,
    ) -> AsyncGenerator[Commit]:
        """Walk from a branch's head, or a commit, to its ancestors, newest first.

        Ends before ``until``, or at the first commit of all; where ``until`` was
        squashed nothing marks the place any more, and whoever asks must know when
        to stop. Nothing comes where the start is missing.

        Raises:
            NotFoundError: The way was lost, because commits were squashed or
                dropped under the walk: begin again.
            UpstreamError: What comes is no history: it would never end.
        """
        position: str | Branch | None = start
        seen: set[str] = set()
        tries = _TRIES
        while position is not None:
            try:
                commits = await self._page(repo, position, until, page)
            except NotFoundError:
                if until is not None and await self.commit(repo, until) is None:
                    until = None
                    continue
                # pachd says the same of a commit that is squashed while it lists.
                tries -= 1
                if position != start or tries == 0:
                    raise
                if await self._is_missing(repo, start):
                    return
                continue
            for commit in commits:
                if commit.id in seen:
                    detail = f"the history of {repo} comes back to {commit.id}"
                    raise UpstreamError("pachd", "ListCommit", detail)
                seen.add(commit.id)
                yield commit
            position = commits[-1].parent if len(commits) == page else None

    async def commits(self, repo: Repo) -> AsyncGenerator[Commit]:
        """Every commit of a repo, on whichever branch, newest first.

        Costs as much as all that is listed until its reader goes away.

        Raises:
            NotFoundError: There is no such repo.
        """
        request = pfs_pb2.ListCommitRequest(repo=wire.repo_message(repo))
        async with aclosing(self._listed("ListCommit", request, None)) as answers:
            async for commit in answers:
                yield commit

    async def subscribe(self, repo: Repo) -> AsyncGenerator[Commit]:
        """Follow every commit of a repo, from its first on, as it starts.

        A wake-up, not a record: each call replays the whole history, a moved
        branch shows nothing. Without a branch, since with one the stream fails for
        ever once any branch of the repo was deleted.
        """
        request = pfs_pb2.SubscribeCommitRequest(
            repo=wire.repo_message(repo), branch="", state=pfs_pb2.STARTED, all=True
        )
        async with aclosing(self._listed("SubscribeCommit", request, None)) as answers:
            async for commit in answers:
                yield commit

    async def _is_missing(self, repo: Repo, start: str | Branch) -> bool:
        if isinstance(start, Branch):
            return await self.branch_head_id(start) is None
        return await self.commit(repo, start) is None

    def _listed(
        self, call: str, request: Any, seconds: float | None
    ) -> AsyncGenerator[Commit]:
        question = request.SerializeToString()
        return self._calls.ask_for_all(
            call, question, wire.commit_value, seconds=seconds
        )

    async def _finished(self, repo: Repo, commit: str, seconds: float) -> Commit:
        try:
            return await self._inspect_commit(repo, commit, pfs_pb2.FINISHED, seconds)
        except UnreachableError:
            # Too late, or nobody there: this tells one from the other.
            return await self._inspect_commit(repo, commit, _AT_ONCE, CALL_SECONDS)

    async def _inspect_commit(
        self, repo: Repo, commit: str, wait: int, seconds: float
    ) -> Commit:
        question = part(1, wire.commit_bytes(repo, commit)) + number(2, wait)
        found = await self._calls.ask(
            "InspectCommit",
            question,
            wire.commit_value,
            seconds=seconds,
            patient=wait != _AT_ONCE,
        )
        if found.id != commit and _WHOLE_ID.fullmatch(commit):
            detail = f"{commit} stands for commit {found.id} there"
            raise NotFoundError("pachd", "InspectCommit", detail)
        self._remember(repo, found)
        return found

    def _remember(self, repo: Repo, commit: Commit) -> None:
        is_short = len(commit.description) <= _LONGEST_KEPT
        if commit.finished is None or not is_short:
            return
        self._final.keep((repo, commit.id), commit)

    async def _page(
        self, repo: Repo, position: str | Branch, until: str | None, page: int
    ) -> list[Commit]:
        request = pfs_pb2.ListCommitRequest(repo=wire.repo_message(repo), number=page)
        if isinstance(position, Branch):
            request.to.CopyFrom(wire.branch_head(position))
        else:
            request.to.CopyFrom(wire.commit_message(repo, position))
        if until is not None:
            # Not a keyword argument: "from" is Python's.
            getattr(request, "from").CopyFrom(wire.commit_message(repo, until))
        answers = self._listed("ListCommit", request, READ_SECONDS)
        found: list[Commit] = []
        async with aclosing(answers):
            async for commit in answers:
                found.append(commit)
                if len(found) > page:
                    detail = f"more than the {page} commits came that were asked for"
                    raise UpstreamError("pachd", "ListCommit", detail)
        return found
