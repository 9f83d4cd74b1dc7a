"""The hands that end TFJobs: a training that takes no time, in place of a cluster's.

They do what a trainer does, by its own environment alone: read the data of the input
commit that it names, write a model of exactly that into the bucket that it names, and
then say Succeeded in place of the TFJob controller.
"""

import asyncio
import hashlib
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self

from crashes.outside import REFUSED, Outside
from integration.pushes import until
from local_cluster.kube.client import KubeClient, Mirror, path_of

__all__ = ["DATA_PATH", "Hands", "model_of_data", "trainer_files"]

DATA_PATH = "/data/mnist.npz"


def model_of_data(data: bytes) -> bytes:
    """What training on this data gives."""
    return b"model of " + data


class Hands:
    """At work on every TFJob of one namespace."""

    def __init__(self, kube: KubeClient, pachd: Outside, namespace: str) -> None:
        self._kube = kube
        self._pachd = pachd
        self._path = path_of("kubeflow.org/v1", "tfjobs", (namespace, ""))
        self._mirror = Mirror(kube, self._path, self._note)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._following: asyncio.Task[None] | None = None
        self.idle = asyncio.Event()
        """Cleared: TFJobs are left as they are, as by a cluster without room."""
        self.idle.set()
        self.attempts: Counter[str] = Counter()
        """How often each input commit was trained on."""
        self.refused = 0
        """How many trainings could not write any more."""

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._mirror.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (self._following, *self._tasks.values()):
            assert task is not None
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def sees(self, count: int) -> None:
        """Wait until so many TFJobs were seen."""

        async def look() -> bool:
            return len(self._tasks) >= count

        await until(look, f"{count} TFJobs")

    def _note(self, _kind: str, job: dict[str, Any]) -> None:
        uid = job["metadata"]["uid"]
        if uid not in self._tasks:
            self._tasks[uid] = asyncio.create_task(self._work(job))

    async def _work(self, job: dict[str, Any]) -> None:
        if _conditions(job):
            return
        await self.idle.wait()
        told = _environment(job)
        commit, _, repo = told["INPUT_BUCKET"].split(".")
        staging, _, runs = told["OUTPUT_BUCKET"].split(".")
        data = await self._pachd.file(repo, commit, DATA_PATH)
        end = "Succeeded"
        try:
            await self._pachd.write(runs, staging, trainer_files(data))
        except REFUSED:
            # The fence: the attempt is closed.
            end = "Failed"
            self.refused += 1
        else:
            self.attempts[commit] += 1
        path = f"{self._path}/{job['metadata']['name']}/status"
        await self._kube.insist("PATCH", path, {"status": _status(end)})


def trainer_files(data: bytes) -> dict[str, bytes]:
    """What a trainer leaves: a model, the metrics, and the list of all that."""
    files = {
        "/my_model.h5": model_of_data(data),
        "/metrics.json": b'{"accuracy": 0.99}',
    }
    manifest = {
        "version": 1,
        "input": [_listed(DATA_PATH, data)],
        "files": [_listed(path, content) for path, content in files.items()],
        "metrics": {"accuracy": 0.99},
        "parameters": {"seed": 7},
        "environment": {},
    }
    return {**files, "/run.json": json.dumps(manifest).encode()}


def _listed(path: str, content: bytes) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path, "size": len(content), "sha256": digest}


def _status(end: str) -> dict[str, Any]:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    condition = {"type": end, "status": "True", "lastUpdateTime": now}
    return {"conditions": [condition], "startTime": now, "completionTime": now}


def _conditions(job: dict[str, Any]) -> list[Any]:
    return list((job.get("status") or {}).get("conditions") or ())


def _environment(job: dict[str, Any]) -> dict[str, str]:
    pod = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]
    return {e["name"]: e.get("value", "") for e in pod["containers"][0]["env"]}
