"""Commits as they come into being: start, write, finish, or give up."""

from collections.abc import Mapping, Sequence

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import NotFoundError, UnsupportedError
from mnist_operator.pachyderm import changes, metadata, wire
from mnist_operator.pachyderm.branches import Branches
from mnist_operator.pachyderm.changes import Change, PutFile
from mnist_operator.pachyderm.patience import patiently
from mnist_operator.pachyderm.proto import part, text
from mnist_operator.pachyderm.stubs import pfs_pb2

__all__ = ["Writing"]


class Writing(Branches):
    """The commits of one pachd, written."""

    async def start_commit(self, branch: Branch, *, description: str) -> str:
        """Open a commit on a branch, which is made when missing, and name it.

        Raises:
            HeadOpenError: Another commit is open there.
        """
        wanted = part(3, wire.branch_bytes(branch)) + text(2, description)
        return await self._calls.ask("StartCommit", wanted, wire.commit_named)

    async def finish_commit(
        self,
        repo: Repo,
        id: str,  # noqa: A002 - what pachd, kubectl and the user call it
        *,
        description: str | None = None,
        error: str | None = None,
    ) -> None:
        """Close a commit; it is finished for readers a moment later.

        A description replaces the one given at the start; this is the last chance.

        Raises:
            AlreadyFinishedError: Someone was quicker.
        """
        commit = part(1, wire.commit_bytes(repo, id))
        said = text(2, description or "") + text(3, error or "")
        await self._calls.ask("FinishCommit", commit + said, bytes)

    async def clear_commit(self, repo: Repo, id: str) -> None:  # noqa: A002
        """Forget what was written to an open commit; inherited files come back.

        With ``finish_commit(error=…)`` the way to give a commit up that needs no
        right beyond writing; dropping needs one on the whole cluster.
        """
        commit = wire.commit_message(repo, id)
        request = pfs_pb2.ClearCommitRequest(commit=commit)
        await self._calls.unary("ClearCommit", request)

    async def drop_commit(self, repo: Repo, id: str) -> None:  # noqa: A002
        """Remove a commit, and with it every commit of the same ID elsewhere.

        Gone already is fine.

        Raises:
            ConflictError: Other commits came from it.
        """
        del repo  # pachd drops by ID alone
        request = pfs_pb2.DropCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id))
        try:
            await self._calls.unary("DropCommitSet", request)
        except NotFoundError:
            return

    async def modify(
        self, repo: Repo, commit_id: str, wanted: Sequence[Change]
    ) -> None:
        """Change an open commit: all of it or nothing, and safe to do again.

        Raises:
            AlreadyFinishedError: The commit takes nothing more.
        """
        target = wire.commit_bytes(repo, commit_id)

        async def send() -> None:
            await self._calls.upload("ModifyFile", changes.messages(target, wanted))

        # What a deleted folder holds is looked up in the base.
        await patiently(self._calls, repo, send)

    async def append(self, branch: Branch, path: str, content: bytes) -> None:
        """Add to the end of a file, in a commit of its own on the branch.

        Makes the branch when it is missing. An open head takes the content in
        instead: use branches that nobody leaves open. Not safe to do again.
        """
        try:
            await self._append(branch, path, content)
        except NotFoundError:
            await self.create_branch(branch)
            await self._append(branch, path, content)

    async def replace(self, branch: Branch, path: str, content: bytes) -> None:
        """Give a file another content, in a commit of its own on the branch.

        The branch must be there. What was appended since the file was read is taken
        away as well: compare the new commit's parent with what was read.
        """
        wanted = changes.messages(wire.head_bytes(branch), [PutFile(path, content)])
        await self._calls.upload("ModifyFile", wanted)

    async def edit_metadata(
        self, repo: Repo, commit: str, entries: Mapping[str, str]
    ) -> bool:
        """Set keys of a commit's metadata map; False where the server has none."""
        request = metadata.edit_request(repo, commit, entries)
        try:
            await self._calls.unary_by_path(metadata.METHOD, request)
        except UnsupportedError:
            return False
        return True

    async def _append(self, branch: Branch, path: str, content: bytes) -> None:
        target = wire.head_bytes(branch)
        requests = changes.additions(target, path, content)
        await self._calls.upload("ModifyFile", requests)
