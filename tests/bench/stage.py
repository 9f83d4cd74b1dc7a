"""One training with its operator, and the hands that push data and end TFJobs.

Nothing runs in the TFJobs. When one appears, the stage writes what a trainer would
have written into its staging commit, and sets the TFJob's status to Succeeded.
"""

import asyncio
import hashlib
import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from bench.api import Body, Sighting
from bench.programs import operator
from bench.servers import NAMESPACE, Servers
from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import PutFile
from mnist_operator.resource import GROUP, KIND, PLURAL, VERSION
from mnist_operator.tfjob import COMMIT_LABEL, RUN_LABEL

__all__ = ["JOBS", "TRAININGS", "Push", "Stage", "has_conditions", "training"]

TRAININGS = f"/apis/{GROUP}/{VERSION}/namespaces/{NAMESPACE}/{PLURAL}"
JOBS = f"/apis/kubeflow.org/v1/namespaces/{NAMESPACE}/tfjobs"
_DATA = b"some data"
_MODEL = bytes(range(256)) * 400
"""100 kB, about what the classic model has."""
_PAUSE_SECONDS = 0.05


def training(name: str, **spec: Any) -> Body:
    """A MnistTraining; keywords are fields of its spec."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": spec,
    }


@dataclass(frozen=True, slots=True)
class Push:
    """A commit that is finished: pachd's own stamp, and when the stage saw it."""

    commit: str
    stamp: float
    seen: float


class Stage:
    """A training at work; names are new each time, for servers that stay."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.name = f"bench-{time.time_ns() // 1_000_000_000:x}"
        self.input = Branch(Repo("default", f"{self.name}-input"), "master")
        self.output = Branch(Repo("default", f"{self.name}-output"), "master")
        self.runs = Repo("default", f"{self.name}-output_runs")
        self._pachyderm = servers.pachyderm
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            api = self.servers.api
            jobs = Sighting(api, JOBS, lambda job: _labels(job).get(COMMIT_LABEL, ""))
            self.jobs = await stack.enter_async_context(jobs)
            trainings = Sighting(api, TRAININGS, lambda one: one["metadata"]["name"])
            self.trainings = await stack.enter_async_context(trainings)
            await self._pachyderm.create_repo(self.input.repo)
            spec = {"input": self.input, "output": self.output}
            named = {key: {"repo": branch.repo.name} for key, branch in spec.items()}
            await api.call("POST", TRAININGS, training(self.name, **named))
            stack.push_async_callback(self._delete)
            await stack.enter_async_context(operator(self.servers, NAMESPACE))
            self.body, _ = await self.trainings.when(self.name, has_conditions)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def push(self, branch: Branch) -> Push:
        """Push one small file, and wait until pachd calls the commit finished."""
        client, repo = self._pachyderm, branch.repo
        commit = await client.start_commit(branch, description="")
        await client.modify(repo, commit, [PutFile("/data/mnist.npz", _DATA)])
        await client.finish_commit(repo, commit)
        found = await client.commit(repo, commit, wait_finished=True)
        seen = time.perf_counter()
        assert found
        assert found.finished
        return Push(commit, found.finished.timestamp(), seen)

    async def latency(self, push: Push) -> tuple[Body, float]:
        """Wait for the commit's TFJob; return it, and the seconds that it took.

        The stand-ins stamp both moments themselves, with one clock. Real servers
        have a clock each, so there both moments are those at which the stage saw them.
        """
        job, seen = await self.jobs.when(push.commit)
        if self.servers.real:
            return job, seen - push.seen
        return job, await self.servers.done_at("kube.create.tfjobs") - push.stamp

    async def succeed(self, job: Body) -> str:
        """Play the trainer and the TFJob controller; return the staging commit."""
        staging = _labels(job)[RUN_LABEL]
        files = [PutFile(path, content) for path, content in _output().items()]
        await self._pachyderm.modify(self.runs, staging, files)
        await self.end(job)
        return staging

    async def end(self, job: Body) -> None:
        """Set a TFJob's status to Succeeded."""
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        condition = {"type": "Succeeded", "status": "True", "lastUpdateTime": now}
        status = {"conditions": [condition], "completionTime": now}
        path = f"{JOBS}/{job['metadata']['name']}/status"
        await self.servers.api.call("PATCH", path, {"status": status})

    async def settled(self, commit: str) -> str:
        """Wait until the model is published and shown; return its output commit."""

        def holds(body: Body) -> bool:
            status = body.get("status", {})
            trained = status.get("lastTrainedCommit") == commit
            return trained and not status.get("active")

        body, _ = await self.trainings.when(self.name, holds)
        await asyncio.sleep(_PAUSE_SECONDS)
        return body["status"]["lastModelCommit"]

    async def _delete(self) -> None:
        path = f"{TRAININGS}/{self.name}"
        changed = {"metadata": {"finalizers": None}}
        await self.servers.api.call("PATCH", path, changed)
        await self.servers.api.call("DELETE", path)


def _labels(job: Body) -> dict[str, str]:
    return job["metadata"].get("labels", {})


def has_conditions(body: Body) -> bool:
    return bool(body.get("status", {}).get("conditions"))


def _output() -> dict[str, bytes]:
    """What a trainer leaves: three files and the manifest that lists them."""
    files = {
        "/my_model.h5": _MODEL,
        "/metrics.json": b'{"accuracy": 0.99}',
        "/training.png": _MODEL[:20_000],
    }
    listed = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    ]
    manifest = {"version": 1, "files": listed, "metrics": {"accuracy": 0.99}}
    return {**files, "/run.json": json.dumps(manifest).encode()}
