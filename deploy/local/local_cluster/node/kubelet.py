"""The node: takes pods as they appear, runs them, ends them, and survives itself."""

import asyncio
import shutil
import signal
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from local_cluster.kube.client import ClientError, Door, KubeClient, Mirror, path_of
from local_cluster.kube.values import Json, dig, meta, stamp
from local_cluster.node.addresses import Addresses
from local_cluster.node.images import Image
from local_cluster.node.logs import LogServer
from local_cluster.node.processes import kill_orphans
from local_cluster.node.scheduling import CAPACITY, obstacle
from local_cluster.node.worker import Patience, PodWorker

__all__ = ["Node"]

_DONE = ("Succeeded", "Failed")
_CONFLICT = 409
_SCHEDULER = "default-scheduler"


class Node:
    """One machine of the cluster: scheduler and kubelet in one."""

    def __init__(
        self,
        kube: Door | str,
        root: Path,
        images: Mapping[str, Image],
        *,
        name: str = "local",
        host: str = "127.0.0.1",
        capacity: Mapping[str, str] = CAPACITY,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self.images = images
        self._host = host
        self._root = root / "pods"
        self._capacity = capacity
        self._patience = patience or Patience()
        self._addresses = Addresses()
        self._client = KubeClient(kube, "kubelet")
        self._logs = LogServer(host, self._find_log)
        self._mirror = Mirror(self._client, path_of("v1", "pods"), self._on_pod)
        self._workers: dict[str, PodWorker] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unplaced: set[str] = set()

    async def start(self) -> None:
        """Join the cluster; what an earlier start left running is killed."""
        self._root.mkdir(parents=True, exist_ok=True)
        kill_orphans(self._root)
        await self._client.__aenter__()
        await self._logs.start()
        await self._register()
        self._mirror.objects.clear()
        self._spawn(self._mirror.run())

    async def stop(self) -> None:
        """Leave without a word: processes end, pods stay as the API has them."""
        runs = list(self._runs.values())
        for task in (*self._tasks, *runs):
            task.cancel()
        workers = list(self._workers.values())
        for worker in workers:
            worker.signal(signal.SIGKILL)
        await asyncio.gather(*self._tasks, *runs, return_exceptions=True)
        for worker in workers:
            for container in (*worker.inits, *worker.mains):
                await container.wait()
        self._workers.clear()
        self._runs.clear()
        self._unplaced.clear()
        self._addresses.close()
        await self._logs.stop()
        await self._client.__aexit__()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def kill_pod(
        self, namespace: str, name: str, number: int = signal.SIGKILL, reason: str = ""
    ) -> None:
        """Signal a pod's processes; `reason` may say OOMKilled."""
        self._worker(namespace, name).signal(number, reason)

    async def evict(
        self,
        namespace: str,
        name: str,
        message: str = "The node was low on resource: memory.",
    ) -> None:
        """End a pod as a node does that is short of something."""
        worker = self._worker(namespace, name)
        worker.blame("Evicted", message)
        run = self._runs.get(worker.uid)
        if run is not None:
            await worker.end(0, run)
        await worker.report_end()
        await self._client.tell(worker.pod, "Warning", "Evicted", message)

    def _worker(self, namespace: str, name: str) -> PodWorker:
        for worker in self._workers.values():
            if worker.key == (namespace, name):
                return worker
        raise LookupError(f"pod {namespace}/{name} does not run on this node")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _register(self) -> None:
        body = {
            "metadata": {"name": self.name},
            "spec": {},
        }
        try:
            await self._client.insist("POST", path_of("v1", "nodes"), body)
        except ClientError as error:
            if error.code != _CONFLICT:
                raise
        now = stamp(datetime.now(UTC))
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "lastTransitionTime": now,
        }
        status = {
            "addresses": [{"type": "InternalIP", "address": self._host}],
            "capacity": dict(self._capacity),
            "allocatable": dict(self._capacity),
            "conditions": [ready],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self._logs.port}},
            "nodeInfo": {"kubeletVersion": "v1.34.4"},
        }
        path = path_of("v1", "nodes", ("", self.name), "status")
        await self._client.insist("PATCH", path, {"status": status})

    def _on_pod(self, kind: str, pod: Json) -> None:
        uid = meta(pod)["uid"]
        if kind == "DELETED":
            self._unplaced.discard(uid)
            if uid in self._workers:
                self._spawn(self._forget(uid))
        elif dig(pod, "spec", "nodeName") == self.name:
            self._take(uid, pod)
        elif _waits(pod) and uid not in self._unplaced:
            self._unplaced.add(uid)
            self._spawn(self._place(pod))

    def _take(self, uid: str, pod: Json) -> None:
        going = meta(pod).get("deletionTimestamp")
        known = self._workers.get(uid)
        if known is None:
            worker = PodWorker(
                self._client,
                pod,
                self._root,
                self.images,
                self._patience,
                find=self._addresses.translate,
            )
            self._workers[uid] = worker
            lost = worker.recall()
            if going:
                self._spawn(self._remove(worker, 0))
            elif dig(pod, "status", "phase") in _DONE:
                return
            elif lost:
                self._spawn(self._lose(worker))
            else:
                self._runs[uid] = asyncio.create_task(worker.run())
        elif going and not known.leaving:
            known.leaving = True
            grace = meta(pod).get("deletionGracePeriodSeconds") or 0
            self._spawn(self._remove(known, grace))

    async def _place(self, pod: Json) -> None:
        """Bind a pod to this node, or say why that cannot be."""
        key = (meta(pod)["namespace"], meta(pod)["name"])
        why = obstacle(pod, self._capacity)
        if why is None:
            target = {"apiVersion": "v1", "kind": "Node", "name": self.name}
            body = {"apiVersion": "v1", "kind": "Binding", "target": target}
            body["metadata"] = {"name": key[1]}
            try:
                path = path_of("v1", "pods", key, "binding")
                await self._client.insist("POST", path, body)
            except ClientError:
                return
            told = f"Successfully assigned {key[0]}/{key[1]} to {self.name}"
            await self._client.tell(pod, "Normal", "Scheduled", told)
            return
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": why,
            "lastTransitionTime": stamp(datetime.now(UTC)),
        }
        status = {"phase": "Pending", "conditions": [condition]}
        path = path_of("v1", "pods", key, "status")
        await self._client.insist("PATCH", path, {"status": status})
        await self._client.tell(pod, "Warning", "FailedScheduling", why)

    async def _remove(self, worker: PodWorker, grace: float) -> None:
        """End a pod that is being deleted, and let the API forget it."""
        run = self._runs.get(worker.uid)
        if run is not None and not run.done():
            await self._client.tell(worker.pod, "Normal", "Killing", "Stopping pod")
            await worker.end(grace, run)
            await worker.report_end()
        options = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": worker.uid},
        }
        try:
            path = path_of("v1", "pods", worker.key)
            await self._client.insist("DELETE", path, options)
        except ClientError:
            return

    async def _forget(self, uid: str) -> None:
        """Kill what is left of a pod that is gone, if it was taken away by force."""
        worker, run = self._workers[uid], self._runs.pop(uid, None)
        if run is not None and not run.done():
            await worker.end(0, run)
        self._workers.pop(uid, None)
        self._addresses.forget(uid)
        shutil.rmtree(self._root / uid, ignore_errors=True)

    async def _lose(self, worker: PodWorker) -> None:
        """Report a pod whose processes an earlier start of this node had."""
        worker.lose(datetime.now(UTC))
        await worker.report_end()

    def _find_log(
        self, namespace: str, pod: str, container: str
    ) -> tuple[Path, Callable[[], bool]] | None:
        try:
            found = self._worker(namespace, pod).container(container)
        except LookupError:
            return None
        return None if found is None else (found.log, lambda: found.is_running)


def _waits(pod: Json) -> bool:
    """Whether a pod waits for this scheduler, and for no other."""
    scheduler = pod["spec"].get("schedulerName", _SCHEDULER)
    return scheduler == _SCHEDULER and not pod["spec"].get("nodeName")
