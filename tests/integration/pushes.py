"""What a user does in Pachyderm, and finds there: one half of a world for a test."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, ClassVar, Self

from local_cluster.cluster import LocalCluster
from local_cluster.pachd.records import CommitKey, RepoKey
from mnist_operator.commits import Branch, Commit, CommitState, Repo
from mnist_operator.decisions import Decision, Entry, read_line
from mnist_operator.ledger import LEDGER_FILE, Ledger
from mnist_operator.lineage import Model, read_model
from mnist_operator.pachyderm import (
    Change,
    Connection,
    DeletePath,
    Pachyderm,
    PutFile,
)

DEADLINE_SECONDS = 60.0
_MOMENT_SECONDS, _MOMENTS = 0.02, 5
NAMESPACE = "team"
INPUT = Branch(Repo("default", "inputrepo"), "master")
OUTPUT = Branch(Repo("default", "outputrepo"), "master")
RUNS = Repo("default", "outputrepo_runs")
DATA_PATH = "/data/mnist.npz"


async def until(
    look: Callable[[], Awaitable[Any]],
    what: str = "it",
    *,
    seconds: float = DEADLINE_SECONDS,
) -> Any:
    """Look again and again until what comes back is true; return that."""
    last: Any = None
    try:
        async with asyncio.timeout(seconds):
            before = _marks()
            while not (last := await look()):
                await _news(before)
                before = _marks()
    except TimeoutError:
        raise AssertionError(f"{what} never came, last: {last!r}") from None
    return last


async def _news(before: list[object]) -> None:
    """Return soon where a server was written to since then, else a little later.

    A look costs milliseconds, and most would find what the last one has found.
    """
    for _ in range(_MOMENTS):
        await asyncio.sleep(_MOMENT_SECONDS)
        if not before or _marks() != before:
            return


def _marks() -> list[object]:
    """What is another after every write to a server in this process."""
    return [mark for world in Pushes.local for mark in world.marks()]


class Pushes:
    """Pushes, models and records, through a client of the user's own."""

    namespace = NAMESPACE
    """Where the user's MnistTrainings are."""

    local: ClassVar[list[Self]] = []
    """The worlds at hand whose servers all run in this process."""

    def __init__(self, cluster: LocalCluster) -> None:
        self.cluster = cluster
        self.pachyderm = Pachyderm(Connection("127.0.0.1:1"))

    def marks(self) -> list[object]:
        """What is another after every write to one of the servers."""
        pachd = self.cluster.pachd._world
        changed = None if pachd is None else pachd.store._db.total_changes
        return [self.cluster.kube._store.version, pachd, changed]

    async def create_repo(self, branch: Branch = INPUT) -> None:
        """Create a repo with an empty branch."""
        await self.pachyderm.create_repo(branch.repo)

    async def push(
        self, branch: Branch = INPUT, *, error: str | None = None, **data: Any
    ) -> str:
        """One finished commit with the data of the tiny trainer; returns its ID."""
        commit = await self.open_commit(branch, **data)
        await self.pachyderm.finish_commit(branch.repo, commit, error=error)
        await self.pachyderm.commit(branch.repo, commit, wait_finished=True)
        return commit

    async def put(self, files: dict[str, Any], branch: Branch = INPUT) -> str:
        """One finished commit that replaces files by path; None deletes one."""
        commit = await self.pachyderm.start_commit(branch, description="")
        changes: list[Change] = [DeletePath(path) for path in files]
        changes += [
            PutFile(path, json.dumps(content).encode())
            for path, content in files.items()
            if content is not None
        ]
        await self.pachyderm.modify(branch.repo, commit, changes)
        await self.pachyderm.finish_commit(branch.repo, commit)
        await self.pachyderm.commit(branch.repo, commit, wait_finished=True)
        return commit

    def age(self, *commits: str, seconds: int = 3600) -> None:
        """Let input commits be so much older; for as long as nobody looks at them."""
        store = self.cluster.pachd._world.store
        repo = RepoKey(INPUT.repo.project, INPUT.repo.name)
        with store.transaction():
            for commit in commits:
                found = store.commit(CommitKey(repo, commit))
                for moment in ("started", "finishing", "finished"):
                    if (then := getattr(found, moment)) is not None:
                        setattr(found, moment, then - seconds * 10**9)
                store.save(found)

    async def open_commit(self, branch: Branch = INPUT, **data: Any) -> str:
        """The same, not finished yet."""
        commit = await self.pachyderm.start_commit(branch, description="")
        content = json.dumps(data).encode()
        changes = [DeletePath(DATA_PATH), PutFile(DATA_PATH, content)]
        await self.pachyderm.modify(branch.repo, commit, changes)
        return commit

    async def commits(self, branch: Branch = OUTPUT) -> list[Commit]:
        """A branch's commits, oldest first."""
        history = self.pachyderm.history(branch.repo, branch)
        async with aclosing(history):
            return [commit async for commit in history][::-1]

    async def models(self, branch: Branch = OUTPUT) -> list[Model]:
        """What is published, oldest first: finished commits that name their input."""
        found = [
            read_model(commit)
            for commit in await self.commits(branch)
            if commit.state is CommitState.FINISHED
        ]
        return [model for model in found if model is not None]

    async def model_of(self, commit: str, branch: Branch = OUTPUT) -> Model:
        """Wait for the model of an input commit."""

        async def look() -> Model | None:
            models = await self.models(branch)
            named = [each for each in models if each.input_commit == commit]
            return named[0] if named else None

        found: Model = await until(look, f"the model of {commit}")
        return found

    async def trained(self) -> list[str]:
        """The input commits that have models, in the order of these."""
        return [model.input_commit for model in await self.models()]

    async def content(self, repo: Repo, commit: str, path: str) -> Any:
        """A JSON file of a commit; None when it is not there."""
        found = await self.pachyderm.read(repo, commit, path)
        return None if found is None else json.loads(found)

    async def paths(self, repo: Repo, commit: str) -> list[str]:
        """The paths of all files in a commit."""
        return [each.path for each in await self.pachyderm.files(repo, commit)]

    async def ledger(self, name: str = "mnist") -> Ledger:
        """What was decided so far."""
        return Ledger.parse(await self._ledger_file(name))

    async def entries(self, name: str = "mnist") -> list[Entry]:
        """Every line of the ledger about a commit, oldest first."""
        lines = (await self._ledger_file(name)).splitlines()
        entries = [entry for line in lines if (entry := read_line(line)) is not None]
        assert len(entries) == len(lines)
        return [each for each in entries if each.decision is not Decision.STARTED]

    async def _ledger_file(self, name: str) -> bytes:
        branch = Branch(RUNS, f"{self.namespace}_{name}_ledger")
        head = await self.pachyderm.branch_head_id(branch)
        if head is None:
            return b""
        content = await self.pachyderm.read(RUNS, head, LEDGER_FILE, limit=1 << 20)
        return content or b""

    async def decision(self, commit: str, name: str = "mnist") -> Entry:
        """Wait for what is decided about an input commit."""

        async def look() -> Entry | None:
            recent = (await self.ledger(name)).recent
            return next((each for each in recent if each.commit == commit), None)

        found: Entry = await until(look, f"a decision about {commit}")
        return found
