"""Pachyderm in a dictionary: what the operator asks of it, one call at a time.

Every call first lets others go first (`Turns.pause`), then takes effect at once and
whole, as pachd's transactions do. That is where a model operator can crash, and
where a second one can come between.
"""

import hashlib
from dataclasses import dataclass, field, replace

from mnist_operator.commits import Branch, Commit, CommitState, File
from mnist_operator.errors import (
    AlreadyFinishedError,
    ConflictError,
    HeadOpenError,
    NotFoundError,
)
from mnist_operator.pachyderm import CopyFile, DeletePath, PutFile
from unit.builders import ident
from unit.model_turns import Turns, call


@dataclass
class ModelPachyderm:
    """Repos, branches, commits and files."""

    turns: Turns
    commits: dict[str, Commit] = field(default_factory=dict)
    content: dict[str, dict[str, bytes]] = field(default_factory=dict)
    heads: dict[Branch, str | None] = field(default_factory=dict)
    declared: dict[Branch, list[Branch]] = field(default_factory=dict)
    """The branches that a branch was declared to descend from."""

    # What the operator calls.

    @call
    async def repo_exists(self, repo):
        return True

    @call
    async def branch_exists(self, branch):
        return branch in self.heads

    @call
    async def branch_head_id(self, branch):
        return self.heads.get(branch)

    @call
    async def head(self, branch):
        return self.head_now(branch)

    @call
    async def commit(self, repo, id, *, wait_finished=False, timeout=0.0):  # noqa: A002
        if wait_finished and id in self.commits:
            self.settle(id)
        return self.commits.get(id)

    async def history(self, repo, start, *, until=None, page=0):
        await self.turns.stream()
        for each in self.ancestry(start):
            if each.id == until:
                return
            yield each

    @call
    async def start_commit(self, branch, *, description):
        return self.start(branch, description)

    @call
    async def create_branch(self, branch, head=None, *, provenance=()):
        found = self.heads[head] if isinstance(head, Branch) else head
        if found is not None:
            self._found(found)
        known = self.declared.get(branch, [])
        self.heads[branch] = found or self.heads.get(branch)
        self.declared[branch] = list(provenance)
        if provenance and known != self.declared[branch]:
            self._open_auto(branch)
        elif self.heads[branch] is None:
            self._open_empty(branch)
        for below, sources in self.declared.items():
            if branch in sources and found is not None:
                self._open_auto(below)

    @call
    async def descends_from(self, branch):
        return self.declared.get(branch, [])

    @call
    async def modify(self, repo, commit_id, wanted):
        self._refuse_unfinished_base(self._open(commit_id), wanted)
        for change in wanted:
            self._change(self.content[commit_id], change)

    @call
    async def finish_commit(self, repo, id, *, description=None, error=None):  # noqa: A002
        commit = self._open(id)
        self.commits[id] = replace(
            commit,
            finishing=self.turns.now,
            description=description or commit.description,
            error=error or "",
        )

    @call
    async def clear_commit(self, repo, id):  # noqa: A002
        parent = self._open(id).parent
        self.content[id] = dict(self.content[parent]) if parent else {}

    @call
    async def drop_commit(self, repo, id):  # noqa: A002
        if any(each.parent == id for each in self.commits.values()) or self.holds(id):
            raise ConflictError("pachd", "DropCommitSet", "it has children")
        self.remove(id)

    @call
    async def append(self, branch, path, content):
        commit = self.start(branch, "")
        files = self.content[commit]
        files[path] = files.get(path, b"") + content
        self.commits[commit] = replace(self.commits[commit], finishing=self.turns.now)
        self.settle(commit)

    @call
    async def read(self, repo, commit, path, *, limit=0):
        self._found(commit)
        return self.content[commit].get(path)

    async def chunks(self, repo, commit, path, *, size=None):
        await self.turns.stream()
        if path not in self.content[self._found(commit).id]:
            raise NotFoundError("pachd", "GetFile", f"no {path} in {commit}")
        yield self.content[commit][path]

    @call
    async def files(self, repo, commit, *, limit=0):
        self._found(commit)
        return [
            File(path, len(data), hashlib.sha256(data).hexdigest())
            for path, data in sorted(self.content[commit].items())
        ]

    @call
    async def edit_metadata(self, repo, commit, entries):
        self.commits[commit] = replace(self._found(commit), metadata=entries)

    # What others do with it, at once.

    def head_now(self, branch):
        head = self.heads.get(branch)
        return self.commits[head] if head else None

    def ancestry(self, start):
        """From a commit down to the root, as the history is at this moment."""
        found = []
        while start in self.commits:
            found.append(self.commits[start])
            start = found[-1].parent
        return found

    def start(self, branch, description=""):
        head = self.head_now(branch)
        if head is not None and head.state is CommitState.OPEN:
            raise HeadOpenError("pachd", "StartCommit", "the head is open")
        return self._grow(branch, head, description)

    def holds(self, id):  # noqa: A002
        """Whether a commit was made of it: then it is neither squashed nor dropped."""
        made_of = {
            name for each in self.commits.values() for _, name in each.provenance
        }
        return id in made_of

    def _open_empty(self, branch):
        """A branch without a head is given a commit with nothing in it."""
        name = self._grow(branch, None, "")
        done = replace(self.commits[name], finishing=self.turns.now)
        self.commits[name] = replace(done, finished=self.turns.now)

    def _open_auto(self, branch):
        sources = [(each.repo, self.heads[each]) for each in self.declared[branch]]
        name = self._grow(branch, self.head_now(branch), "")
        self.commits[name] = replace(self.commits[name], provenance=tuple(sources))

    def _grow(self, branch, head, description):
        self.turns.tick()
        name = ident(len(self.content) + 1)
        parent = head.id if head else None
        self.commits[name] = Commit(
            name, branch.repo, parent, description, self.turns.now
        )
        self.content[name] = dict(self.content[parent]) if parent else {}
        self.heads[branch] = name
        return name

    def finish(self, id, error=""):  # noqa: A002
        self.commits[id] = replace(
            self._open(id), finishing=self.turns.now, error=error
        )

    def settle(self, *ids):
        """Finish what is being finished; all of it when nothing is named."""
        for each in ids or tuple(self.commits):
            if self.commits[each].state is CommitState.FINISHING:
                done = replace(self.commits[each], finished=self.turns.now)
                self.commits[each] = done

    def remove(self, id):  # noqa: A002
        """Squash or drop: children and branches go to the parent."""
        gone = self.commits.pop(id, None)
        if gone is None:
            return
        for child in [each for each in self.commits.values() if each.parent == id]:
            self.commits[child.id] = replace(child, parent=gone.parent)
        for branch, head in list(self.heads.items()):
            if head == id:
                self.heads[branch] = gone.parent
                if gone.parent is None and self.declared.get(branch):
                    self._open_auto(branch)

    def _found(self, id):  # noqa: A002
        if id not in self.commits:
            raise NotFoundError("pachd", "InspectCommit", f"no commit {id}")
        return self.commits[id]

    def _open(self, id):  # noqa: A002
        commit = self._found(id)
        if commit.state is not CommitState.OPEN:
            raise AlreadyFinishedError("pachd", "ModifyFile", f"{id} is finished")
        return commit

    def _refuse_unfinished_base(self, commit, wanted):
        """What is to be deleted is looked up in a base, which must be finished."""
        base = self.commits.get(commit.parent)
        while base is not None and base.error:
            base = self.commits.get(base.parent)
        if DeletePath("/") in wanted and base is not None and base.finished is None:
            detail = f"base commit {base.id} for commit {commit.id} unfinished"
            raise ConflictError("pachd", "ModifyFile", detail)

    def _change(self, files, change):
        match change:
            case DeletePath("/"):
                files.clear()
            case PutFile(path, content):
                files[path] = content
            case CopyFile(path, _, source, source_path):
                files[path] = self.content[source][source_path]
