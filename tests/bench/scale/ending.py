"""Ends TFJobs in the moment in which they are created, as if they had trained.

It writes what a trainer leaves into the staging commit, and sets the TFJob's status
to Succeeded; and it keeps when each TFJob was created, by the input commit.
"""

import asyncio
import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any, Self

from local_cluster.kube import KubeServer
from local_cluster.kube.patches import MERGE
from local_cluster.kube.requests import Target, Writing
from local_cluster.kube.store import Change
from mnist_operator.commits import Repo
from mnist_operator.pachyderm import Connection, Pachyderm, PutFile
from mnist_operator.tfjob import COMMIT_LABEL, RUN_LABEL

__all__ = ["Ender"]

_JOBS = "tfjobs.kubeflow.org"
_HANDS = 8
Body = dict[str, Any]


def _output() -> list[PutFile]:
    files = {"/my_model.h5": b"model", "/metrics.json": b'{"accuracy": 0.99}'}
    listed = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    ]
    manifest = {"version": 1, "files": listed, "metrics": {"accuracy": 0.99}}
    files["/run.json"] = json.dumps(manifest).encode()
    return [PutFile(path, content) for path, content in files.items()]


class Ender:
    """The hands that end TFJobs, while they are turned on."""

    def __init__(self, kube: KubeServer) -> None:
        self.created: dict[str, int] = {}
        """By input commit: when its newest TFJob came, in nanoseconds since 1970."""
        self._api = kube._api
        self._waiting: asyncio.Queue[Body] = asyncio.Queue()
        self._held: list[Body] = []
        self._on = False
        self._client: Pachyderm | None = None
        self._output = _output()
        kube._store.listen(self._follow)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._work()) for _ in range(_HANDS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def connect(self, pachd: str) -> None:
        self._client = Pachyderm(Connection(pachd))

    def turn(self, *, on: bool) -> int:
        """End TFJobs from now on, those that were held first; return how many."""
        self._on = on
        held = self._held if on else []
        for job in held:
            self._waiting.put_nowait(job)
        if on:
            self._held = []
        return len(held)

    def _follow(self, resource: str, change: Change) -> None:
        if resource != _JOBS or change.type != "ADDED":
            return
        job = change.document
        self.created[job["metadata"]["labels"][COMMIT_LABEL]] = time.time_ns()
        if self._on:
            self._waiting.put_nowait(job)
        else:
            self._held.append(job)

    async def _work(self) -> None:
        while True:
            job = await self._waiting.get()
            assert self._client is not None, "nobody said where pachd is"
            repo, staging = _staging(job)
            await self._client.modify(repo, staging, self._output)
            self._succeed(job)

    def _succeed(self, job: Body) -> None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        condition = {"type": "Succeeded", "status": "True", "lastUpdateTime": now}
        change = {"status": {"conditions": [condition], "completionTime": now}}
        kind = self._api.registry.by_resource(_JOBS)
        assert kind is not None
        about = job["metadata"]
        target = Target(kind, about["namespace"], about["name"], "status")
        self._api.patch(target, MERGE, change, Writing())


def _staging(job: Body) -> tuple[Repo, str]:
    """Where the job writes: it is told by OUTPUT_BUCKET, COMMIT.BRANCH.REPO."""
    template = job["spec"]["tfReplicaSpecs"]
    replica = next(iter(template.values()))
    container = replica["template"]["spec"]["containers"][0]
    bucket = next(
        each["value"] for each in container["env"] if each["name"] == "OUTPUT_BUCKET"
    )
    return Repo("default", bucket.rpartition(".")[2]), job["metadata"]["labels"][
        RUN_LABEL
    ]
