"""The TFJob controller: wakes up on changes, decides, and does what was decided."""

import asyncio
from datetime import UTC, datetime
from typing import Self

import aiohttp

from local_cluster.kube.client import ClientError, KubeClient, Mirror, path_of
from local_cluster.kube.values import Json, Key, dig, meta
from local_cluster.tfjobs.decisions import (
    Create,
    Delete,
    Plan,
    Seen,
    Step,
    Tell,
    decide,
)
from local_cluster.tfjobs.pods import LABEL

__all__ = ["TFJobController"]

_API = "kubeflow.org/v1"
_FIRST_RETRY_SECONDS = 0.05
_LAST_RETRY_SECONDS = 30.0
_EXISTS = 409
_NOT_FOUND = 404


class TFJobController:
    """Works on every TFJob of a cluster."""

    def __init__(self, kube_url: str) -> None:
        self._client = KubeClient(kube_url, "tfjob-controller")
        self._due: asyncio.Queue[Key] = asyncio.Queue()
        self._waiting: set[Key] = set()
        self._delays: dict[Key, float] = {}
        self._told: set[tuple[str, str, str]] = set()
        self._vanished: dict[Key, set[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to watch and to work."""
        await self._client.__aenter__()
        paths = [path_of(_API, "tfjobs"), path_of("v1", "pods")]
        paths.append(path_of("v1", "services"))
        callbacks = [self._on_job, self._on_owned, self._on_owned]
        mirrors = map(Mirror, [self._client] * 3, paths, callbacks)
        self._tasks = [asyncio.create_task(mirror.run()) for mirror in mirrors]
        self._tasks.append(asyncio.create_task(self._work()))

    async def stop(self) -> None:
        """Stop at once; what was begun is finished after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._client.__aexit__()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _on_job(self, kind: str, job: Json) -> None:
        key = (meta(job)["namespace"], meta(job)["name"])
        if kind == "DELETED":
            self._delays.pop(key, None)
            self._vanished.pop(key, None)
        else:
            self._wake(key)

    def _on_owned(self, kind: str, document: Json) -> None:
        about = meta(document)
        job = (about.get("labels") or {}).get(f"{LABEL}job-name")
        if job is None:
            return
        key = (about["namespace"], job)
        runs = dig(document, "status", "phase") == "Running"
        if kind == "DELETED" and runs and not about.get("deletionTimestamp"):
            self._vanished.setdefault(key, set()).add(about["name"])
        self._wake(key)

    def _wake(self, key: Key) -> None:
        if key not in self._waiting:
            self._waiting.add(key)
            self._due.put_nowait(key)

    async def _work(self) -> None:
        while True:
            key = await self._due.get()
            self._waiting.discard(key)
            try:
                await self._sync(key)
            except (ClientError, aiohttp.ClientError, TimeoutError):
                self._again(key)
            else:
                self._delays.pop(key, None)

    def _again(self, key: Key) -> None:
        delay = self._delays.get(key, _FIRST_RETRY_SECONDS)
        self._delays[key] = min(delay * 2, _LAST_RETRY_SECONDS)
        asyncio.get_running_loop().call_later(delay, self._wake, key)

    async def _sync(self, key: Key) -> None:
        seen = await self._observe(key)
        if seen is None:
            return
        plan = decide(seen, datetime.now(UTC))
        if plan is not None:
            for step in plan.steps:
                await self._take(seen.job, step)
            await self._write_status(seen.job, plan)

    async def _observe(self, key: Key) -> Seen | None:
        try:
            job = await self._client.call("GET", path_of(_API, "tfjobs", key))
        except ClientError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        found = []
        for plural in ("pods", "services"):
            listed = await self._client.call(
                "GET",
                path_of("v1", plural, (key[0], "")),
                labelSelector=f"{LABEL}job-name={key[1]}",
            )
            found.append([one for one in listed["items"] if _owned_by(job, one)])
        vanished = frozenset(self._vanished.pop(key, ()))
        return Seen(job, found[0], found[1], vanished)

    async def _take(self, job: Json, step: Step) -> None:
        namespace = meta(job)["namespace"]
        match step:
            case Create(plural, body):
                await self._create(job, path_of("v1", plural, (namespace, "")), body)
            case Delete(plural, name):
                path = path_of("v1", plural, (namespace, name))
                await self._client.insist("DELETE", path)
                kind = plural.removesuffix("s")
                told = f"Deleted {kind}: {name}"
                reason = f"SuccessfulDelete{kind.capitalize()}"
                await self._tell(job, "Normal", reason, told)
            case Tell(kind, reason, message):
                await self._tell(job, kind, reason, message)

    async def _create(self, job: Json, path: str, body: Json) -> None:
        kind, name = body["kind"], meta(body)["name"]
        try:
            await self._client.call("POST", path, body)
        except ClientError as error:
            if error.code == _EXISTS:
                return
            told = f"Error creating: {error}"
            await self._tell(job, "Warning", f"FailedCreate{kind}", told)
            raise
        told = f"Created {kind.lower()}: {name}"
        await self._tell(job, "Normal", f"SuccessfulCreate{kind}", told)

    async def _tell(self, job: Json, kind: str, reason: str, message: str) -> None:
        """Record an Event; one said before is not said again."""
        mark = (meta(job)["uid"], reason, message)
        if mark not in self._told:
            self._told.add(mark)
            await self._client.tell(job, kind, reason, message)

    async def _write_status(self, job: Json, plan: Plan) -> None:
        if plan.status == (job.get("status") or {}):
            return
        key = (meta(job)["namespace"], meta(job)["name"])
        body = {**job, "status": plan.status}
        path = path_of(_API, "tfjobs", key, "status")
        await self._client.call("PUT", path, body)


def _owned_by(job: Json, document: Json) -> bool:
    owners = meta(document).get("ownerReferences") or ()
    return any(owner["uid"] == meta(job)["uid"] for owner in owners)
