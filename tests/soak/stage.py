"""Where a soak happens: the local cluster, cables to it, and the operator beside it.

The operator is a process of its own. Between it and its two servers are cables, so
that what is done to these strikes nobody else.
"""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import aiohttp

from bench.scale.processes import Measured
from crashes.cables import Cable
from integration.world import World
from local_cluster.kube.client import ClientError
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import HeadOpenError, OperatorError
from mnist_operator.pachyderm import DeletePath, PutFile

__all__ = ["SECRETS", "Course", "Stage", "insist"]

SECRETS = 2
_REPOS, _BRANCHES = 4, 3
_PAUSE_SECONDS, _DEADLINE_SECONDS = 0.3, 120.0
_LOST = (ClientError, aiohttp.ClientError, OSError, TimeoutError, OperatorError)
_REFUSED = {400, 404, 409, 422}
"""What asking again does not change; 403 and 429 are among the faults."""


async def insist(act: Callable[[], Awaitable[Any]]) -> Any:
    """Do it until it is done, whatever is wrong with the servers just now."""
    async with asyncio.timeout(_DEADLINE_SECONDS):
        while True:
            try:
                return await act()
            except _LOST as error:
                code = getattr(error, "code", 0)
                if isinstance(error, ClientError) and code in _REFUSED:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)


class Course:
    """One MnistTraining: what it is like, and what is pushed for it."""

    def __init__(self, number: int) -> None:
        repo, branch = divmod(number, _BRANCHES)
        self.number = number
        self.name = f"t{number}"
        self.input = Branch(Repo("default", f"data-{repo}"), f"b{branch}")
        self.output = Branch(Repo("default", f"models-{repo}"), f"b{branch}")
        self.runs = Repo("default", f"models-{repo}_runs")
        self.pushed: list[str] = []
        self.asked = 0
        self._seen = 0

    def waiting(self, status: dict[str, Any]) -> int:
        """How many commits are not decided, those that nobody has seen yet included.

        One that was created anew says nothing yet, and may have a lot of work left.
        """
        head = status.get("head", "")
        if not head:
            return len(self.pushed)
        if head in self.pushed:
            self._seen = self.pushed.index(head) + 1
        unseen = len(self.pushed) - self._seen
        return int(status.get("pendingCommits", 0)) + unseen

    def spec(self) -> dict[str, Any]:
        """Each of the ways to follow a branch, four times."""
        kinds: tuple[dict[str, Any], ...] = (
            {},
            {"concurrencyPolicy": "Allow", "maxParallel": 2},
            {"trigger": {"mode": "LatestOnly", "startFrom": "Earliest"}},
        )
        provenance = "Native" if self.number % 2 else "Metadata"
        found = {
            "trigger": {"startFrom": "Earliest"},
            "attempts": {"limit": 2, "backoffSeconds": 1},
            **kinds[self.number % len(kinds)],
            "input": _place(self.input),
            "output": {**_place(self.output), "provenance": provenance},
            "successfulRunsHistoryLimit": 2,
            "failedRunsHistoryLimit": 1,
        }
        if self.number < 2 * SECRETS:
            secret = f"pachyderm-{self.number % SECRETS}"
            found["pachyderm"] = {"secretRef": {"name": secret}}
        return found


class Stage(World):
    """A world whose operator is measured."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, finish_seconds=0.05)
        self.courses = [Course(number) for number in range(_REPOS * _BRANCHES)]
        self.report = folder / "witness.jsonl"
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.local.remove(self)
        enter = self._stack.enter_async_context
        address = self.cluster.kube.url.removeprefix("http://")
        self.to_kube = await enter(Cable(address))
        self.to_pachd = await enter(Cable(self.cluster.pachd_address))
        for number in range(SECRETS):
            await self.rotate(number, 0)
        for course in self.courses:
            if not await self.pachyderm.repo_exists(course.input.repo):
                await self.pachyderm.create_repo(course.input.repo)
            await self.apply(course.name, **course.spec())
        arguments = ["soak.witness", str(self.report)]
        log = self.folder / "operator.log"
        self.operator = await enter(Measured(arguments, self._environment(), log))
        async with asyncio.timeout(_DEADLINE_SECONDS):
            while not self.report.exists():
                await asyncio.sleep(_PAUSE_SECONDS)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()
        await super().__aexit__(*error)

    def _environment(self) -> dict[str, str]:
        kubeconfig = self.folder / "cabled-kubeconfig"
        url, cable = self.cluster.kube.url, f"http://{self.to_kube.address}"
        kubeconfig.write_text(self.cluster.kubeconfig.read_text().replace(url, cable))
        return {
            "PACHD_ADDRESS": self.to_pachd.address,
            "S3_ENDPOINT": self.cluster.s3_endpoint,
            "TRAINER_IMAGE": self.settings.trainer_image,
            "KUBECONFIG": str(kubeconfig),
            "MNIST_OPERATOR_HEALTH_PORT": "0",
            "MNIST_OPERATOR_POLL_SECONDS": "2",
            "MNIST_OPERATOR_RESYNC_SECONDS": "15",
            "SSL_CERT_FILE": os.devnull,
            "MALLOC_ARENA_MAX": "2",  # As Dockerfile.operator has it.
        }

    async def rotate(self, number: int, turn: int) -> None:
        """Another token in a Secret; this pachd takes any."""
        name = f"pachyderm-{number}"
        token = base64.b64encode(f"token {number} {turn}".encode()).decode()
        body = {"metadata": {"name": name}, "data": {"token": token}}
        if turn == 0:
            await insist(lambda: self.kube.call("POST", self.core("secrets"), body))
        path = f"{self.core('secrets')}/{name}"
        await insist(lambda: self.kube.call("PATCH", path, body))

    async def add(self, course: Course, content: bytes) -> None:
        """One more commit; whoever left one open comes back to it."""
        client, branch = self.pachyderm, course.input

        async def act() -> str:
            if course.pushed:  # What is deleted is looked up there: not before its end.
                before = course.pushed[-1]
                await client.commit(branch.repo, before, wait_finished=True)
            try:
                commit = await client.start_commit(branch, description="")
            except HeadOpenError:
                head = await client.head(branch)
                if head is not None:
                    await client.finish_commit(branch.repo, head.id)
                raise
            changes = [DeletePath("/"), PutFile("/data/mnist.npz", content)]
            await client.modify(branch.repo, commit, changes)
            await client.finish_commit(branch.repo, commit)
            return commit

        course.pushed.append(await insist(act))

    async def bodies(self) -> dict[str, dict[str, Any]]:
        """All MnistTrainings, by name."""
        found = await insist(lambda: self.kube.call("GET", self.trainings))
        return {each["metadata"]["name"]: each for each in found["items"]}


def _place(branch: Branch) -> dict[str, str]:
    return {"repo": branch.repo.name, "branch": branch.name}
