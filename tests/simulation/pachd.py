"""A pachd whose commits take their time to be finished, and one process's way to it.

What a call does is `unit.model_pachyderm`'s affair; here is when.
"""

from dataclasses import dataclass, field, replace
from functools import partial

from mnist_operator.commits import CommitState
from mnist_operator.errors import NotFoundError
from mnist_operator.pachyderm.recent import Recent
from simulation.waiting import pause
from unit.model_pachyderm import ModelPachyderm

__all__ = ["Client", "SimulatedPachyderm"]

_KEPT, _KEPT_SECONDS = 8192, 120.0
"""Of finished commits, and since they were asked for: what a client remembers."""
_FINISH_SECONDS = 0.4
"""What pachd needs at most, here, from FinishCommit to a finished commit."""
_WRITES = frozenset(
    {
        "start_commit",
        "create_branch",
        "modify",
        "clear_commit",
        "drop_commit",
        "append",
        "edit_metadata",
    }
)
_WAITS = 8
"""So often a wait for a commit looks at it; then its time is up."""


def _at_once(method, *arguments, **options):
    """Run a method of the model, none of which ever waits."""
    coroutine = method(*arguments, **options)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    finally:
        coroutine.close()
    raise AssertionError(f"{method} waited")


@dataclass
class SimulatedPachyderm(ModelPachyderm):
    """Finishing is asynchronous, as in a real one."""

    world: object = None
    rejects: set = field(default_factory=set)
    """Commits that it will find faulty while it finishes them."""

    spoiled: set = field(default_factory=set)
    """Repos in which the next commit that is finished will be faulty."""
    is_lenient: bool = False
    finish_seconds: float = _FINISH_SECONDS
    """So long it takes at most to finish a commit."""
    gone: dict = field(default_factory=dict)
    """When each commit that was squashed or dropped went, in the world's time."""

    def remove(self, id):  # noqa: A002
        self.gone[id] = self.world.loop.now
        super().remove(id)

    def finds_no_fault(self):
        """From here on nothing that an operator finishes is faulty."""
        self.is_lenient = True

    def finish(self, id, error=""):  # noqa: A002
        super().finish(id, error)
        self._settle_later(id)

    def settle_soon(self, id):  # noqa: A002
        """Somebody has told it to finish this one."""
        commit = self.commits.get(id)
        if commit is not None and commit.state is CommitState.FINISHING:
            if commit.repo in self.spoiled and not self.is_lenient:
                self.spoiled.discard(commit.repo)
                self.rejects.add(id)
            self._settle_later(id)

    def go_on(self):
        """Finish what was being finished when the world stood still."""
        for each in self.commits.values():
            if each.state is CommitState.FINISHING:
                self._settle_later(each.id)

    def _settle_later(self, id):  # noqa: A002
        world = self.world
        delay = self.finish_seconds * world.random.random()
        world.loop.call_later(delay, self._settle_one, id)

    def file_now(self, commit, path):
        """Its content. Raises NotFoundError where there is none."""
        if path not in self.content[self._found(commit).id]:
            raise NotFoundError("pachd", "GetFile", f"no {path} in {commit}")
        return self.content[commit][path]

    def _settle_one(self, id):  # noqa: A002
        if id not in self.commits:
            return
        above = self.commits.get(self.commits[id].parent)
        if above is not None and above.state is CommitState.FINISHING:
            self._settle_later(id)  # None is finished before its parent is.
            return
        self.settle(id)
        self.world.look()

    def settle(self, *ids):
        for each in self.rejects & self.commits.keys():
            commit = self.commits[each]
            if commit.finished is None and commit.state is not CommitState.OPEN:
                error = "file / directory path collision"
                self.commits[each] = replace(commit, error=error)
        super().settle(*ids)


class Client:
    """What the engine takes for a Pachyderm client; each call goes by its process."""

    connection = "pachd"

    def __init__(self, process) -> None:
        self._call = partial(process.call, "pachd")
        self._loop = process.world.loop
        self._pachd = process.world.pachyderm
        self._trespass = process.world.trespass
        self._final = Recent(_KEPT_SECONDS, _KEPT, self._loop.time)

    def head(self, branch):
        """Look at a branch's head; what was seen to be finished is not read again."""
        return self._call("head", partial(self._head_now, branch))

    def _head_now(self, branch):
        head = self._pachd.heads.get(branch)
        return self._final.get(head) or self._remember(self._pachd.commits.get(head))

    def _commit_now(self, id):  # noqa: A002
        return self._remember(self._pachd.commits.get(id))

    def _remember(self, commit):
        if commit is not None and commit.finished is not None:
            self._final.keep(commit.id, commit)
        return commit

    def commit(self, repo, id, *, wait_finished=False, timeout=0.0):  # noqa: A002
        """Look at a commit; or wait until it is finished, or the time is up."""
        get = partial(self._commit_now, id)
        looked = self._call("InspectCommit", get)
        return self._wait(looked, get, timeout) if wait_finished else looked

    async def _wait(self, looked, get, timeout):
        found = await looked
        for turn in range(_WAITS):
            if found is None or found.finished is not None:
                return found
            await pause(self._loop, timeout / 2 ** (_WAITS - turn))
            found = await self._call("InspectCommit", get)
        return found

    async def finish_commit(self, repo, id, *, description=None, error=None):  # noqa: A002
        """Begin to finish it."""
        pachd = self._pachd
        self._trespass.meets(repo, id)

        def effect():
            _at_once(
                pachd.finish_commit.__wrapped__,
                pachd,
                repo,
                id,
                description=description,
                error=error,
            )
            pachd.settle_soon(id)

        await self._call("FinishCommit", effect)

    async def history(self, repo, start, *, until=None, page=0):
        """List a commit and those below it, as they were when it was asked."""
        listed = await self._call("ListCommit", partial(self._pachd.ancestry, start))
        for each in listed:
            if each.id == until:
                return
            yield each

    async def chunks(self, repo, commit, path, *, size=None):
        """Read a file whole."""
        yield await self._call("GetFile", partial(self._pachd.file_now, commit, path))


def _read(name, read):
    """A call that only reads: `read` does it, with the model first."""

    def called(self, *arguments, **options):
        return self._call(name, partial(read, self._pachd, *arguments))

    called.__name__ = name
    return called


def _pass_on(name):
    method = getattr(ModelPachyderm, name).__wrapped__

    def called(self, *arguments, **options):
        if name in _WRITES:
            self._trespass.meets(*arguments)
        effect = partial(_at_once, method, self._pachd, *arguments, **options)
        return self._call(name, effect)

    called.__name__ = name
    return called


for _name, _look in {
    "repo_exists": lambda pachd, repo: True,
    "branch_exists": lambda pachd, branch: branch in pachd.heads,
    "branch_head_id": lambda pachd, branch: pachd.heads.get(branch),
}.items():
    setattr(Client, _name, _read(_name, _look))
for _name in (
    "start_commit",
    "create_branch",
    "descends_from",
    "modify",
    "clear_commit",
    "drop_commit",
    "append",
    "read",
    "files",
    "edit_metadata",
):
    setattr(Client, _name, _pass_on(_name))
