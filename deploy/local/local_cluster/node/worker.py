"""Sees one pod through its life on this node, from its images to its last status."""

import asyncio
import functools
import itertools
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_cluster.kube.client import ClientError, KubeClient, path_of
from local_cluster.kube.values import Json, Key, meta
from local_cluster.node import podstatus
from local_cluster.node.containers import Container
from local_cluster.node.environment import SetupError
from local_cluster.node.images import Image, find_image
from local_cluster.node.references import references

__all__ = ["Patience", "PodWorker"]

_NEVER_RAN = -1


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the node waits before it tries something again."""

    pull_seconds: float = 1.0
    first_restart_seconds: float = 1.0
    last_restart_seconds: float = 300.0


class PodWorker:
    """One pod on this node."""

    def __init__(
        self,
        client: KubeClient,
        pod: Json,
        root: Path,
        images: Mapping[str, Image],
        patience: Patience,
        *,
        find: Callable[[Json, str], str] = lambda _, text: text,
    ) -> None:
        self.pod = pod
        self._client = client
        self._images = images
        self._patience = patience
        folder = root / meta(pod)["uid"]
        self.inits = _containers(pod, "initContainers", folder, find)
        self.mains = _containers(pod, "containers", folder, find)
        self.leaving = False
        """Whether its deletion is under way."""
        self._ending = asyncio.Event()
        self._last_signal = signal.SIGTERM
        """What a container is told that starts though the pod is ending."""
        self._override: Json = {}
        self._documents: dict[tuple[str, str], Json | None] = {}

    @property
    def key(self) -> Key:
        """Namespace and name of the pod."""
        return meta(self.pod)["namespace"], meta(self.pod)["name"]

    @property
    def uid(self) -> str:
        """The pod's uid."""
        return str(meta(self.pod)["uid"])

    def container(self, name: str) -> Container | None:
        """Return a container by its name."""
        both = (*self.inits, *self.mains)
        return next((one for one in both if one.spec["name"] == name), None)

    async def run(self) -> None:
        """Run all containers to their end and report it."""
        async with asyncio.TaskGroup() as sidecars:
            beside: dict[str, asyncio.Task[int]] = {}
            for container in self.inits:
                if not await self._pull(container):
                    break
                if container.state.sidecar:
                    running = self._keep(container, again=lambda _: True)
                    name = container.state.name
                    beside[name] = sidecars.create_task(running)
                elif await self._keep(container, again=self._restarts_init) != 0:
                    break
            else:
                async with asyncio.TaskGroup() as group:
                    for container in self.mains:
                        group.create_task(self._run_main(container))
            await self._dismiss(beside)
        if not self._ending.is_set():
            await self._report(final=True)

    async def _dismiss(self, beside: Mapping[str, asyncio.Task[int]]) -> None:
        """End what ran beside the others, now that these have ended."""
        left = [one for one in self.inits if one.state.name in beside]
        for container in left:
            container.dismissed = True
            container.signal(signal.SIGTERM)
            if not container.is_running:
                beside[container.state.name].cancel()
        if beside:
            grace = self.pod["spec"].get("terminationGracePeriodSeconds", 30)
            await asyncio.wait(beside.values(), timeout=grace)
        for container in left:
            container.signal(signal.SIGKILL)

    def signal(self, number: int, reason: str = "") -> None:
        """Signal every container; `reason` is what its end will be put down to."""
        for container in (*self.inits, *self.mains):
            if container.is_running:
                container.killed_for = reason
                container.signal(number)

    async def end(self, grace_seconds: float, running: asyncio.Task[None]) -> None:
        """Stop all containers, politely first."""
        self._ending.set()
        self.signal(signal.SIGTERM)
        await asyncio.wait({running}, timeout=grace_seconds)
        self._last_signal = signal.SIGKILL
        self.signal(signal.SIGKILL)
        await asyncio.wait({running})

    def blame(self, reason: str, message: str) -> None:
        """Put the pod's end down to something other than its containers."""
        self._override = {"phase": "Failed", "reason": reason, "message": message}

    def recall(self) -> bool:
        """Take over what an earlier start of the node reported; say if it ran."""
        status, ran = self.pod.get("status") or {}, False
        known = {
            one["name"]: one
            for group in ("initContainerStatuses", "containerStatuses")
            for one in status.get(group) or ()
        }
        for container in (*self.inits, *self.mains):
            before = known.get(container.spec["name"])
            if before is not None:
                container.state.recall(before)
                ran |= "waiting" not in before["state"] or before["restartCount"] > 0
        return ran

    def lose(self, now: datetime) -> None:
        """Give up containers whose processes ended with an earlier node."""
        for container in (*self.inits, *self.mains):
            if container.state.exit_code is None:
                told = "The container could not be located when the node came back"
                reason = "ContainerStatusUnknown"
                code = 128 + signal.SIGKILL
                end = podstatus.terminated(code, reason, told, now, now)
                container.state.state = end

    async def report_end(self) -> None:
        """Report the last state of a pod that was told to end."""
        await self._report(final=True)

    async def _pull(self, container: Container) -> bool:
        """Wait until a container's image is known; say whether it ever was."""
        image = container.spec["image"]
        reasons = itertools.chain(
            ["ErrImagePull"], itertools.repeat("ImagePullBackOff")
        )
        for reason in reasons:
            if find_image(self._images, image):
                break
            told = f'failed to pull image "{image}": not found'
            if reason != "ErrImagePull":
                told = f'Back-off pulling image "{image}"'
            container.state.state = podstatus.waiting(reason, told)
            kind = "Failed" if reason == "ErrImagePull" else "BackOff"
            await self._tell("Warning", kind, told)
            await self._report()
            if await self._pause(self._patience.pull_seconds):
                return False
        await self._tell("Normal", "Pulled", f'Successfully pulled image "{image}"')
        return True

    async def _pause(self, seconds: float) -> bool:
        """Wait; return early, and True, when the pod is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return False
        return True

    async def _run_main(self, container: Container) -> None:
        if await self._pull(container):
            await self._keep(container, again=self._restarts)

    async def _keep(self, container: Container, again: Callable[[int], bool]) -> int:
        """Run a container, again where its restart policy says so."""
        delay = 0.0
        while True:
            if not await self._start(container):
                return _NEVER_RAN
            code = await container.wait()
            if self._ending.is_set() or container.dismissed or not again(code):
                if len(self.mains) + len(self.inits) > 1:
                    await self._report()
                return code
            container.next("CrashLoopBackOff")
            await self._report()
            if await self._pause(delay):
                return code
            first = self._patience.first_restart_seconds
            last = self._patience.last_restart_seconds
            delay = min(max(first, delay * 2), last)

    async def _start(self, container: Container) -> bool:
        name = container.spec["name"]
        image = find_image(self._images, container.spec["image"]) or Image()
        while True:
            await self._look_up_all(container)
            try:
                await container.start(image, lambda *of: self._documents.get(of))
            except SetupError as error:
                reason = "CreateContainerConfigError"
                container.state.state = podstatus.waiting(reason, str(error))
                await self._tell("Warning", "Failed", f"Error: {error}")
                await self._report()
                if await self._pause(self._patience.pull_seconds):
                    return False
            else:
                break
        if self._ending.is_set():  # It was not there yet when all were told.
            container.signal(self._last_signal)
        await self._tell("Normal", "Started", f"Started container {name}")
        await self._report()
        return True

    async def _look_up_all(self, container: Container) -> None:
        for of in references(self.pod, container.spec):
            path = path_of("v1", of[0], (self.key[0], of[1]))
            self._documents[of] = await self._client.insist("GET", path)

    def _restarts(self, code: int) -> bool:
        policy = self.pod["spec"].get("restartPolicy", "Always")
        return policy == "Always" or (policy == "OnFailure" and code != 0)

    def _restarts_init(self, code: int) -> bool:
        return self.pod["spec"].get("restartPolicy") != "Never" and code != 0

    async def _report(self, *, final: bool = False) -> None:
        old = self.pod.get("status") or {}
        inits = [one.state for one in self.inits]
        mains = [one.state for one in self.mains]
        status = podstatus.pod_status(old, inits, mains, datetime.now(UTC), final=final)
        status |= self._override
        path = path_of("v1", "pods", self.key, "status")
        change = {"metadata": {"uid": self.uid}, "status": status}
        try:
            written = await self._client.insist("PATCH", path, change)
        except ClientError:
            return  # another pod has this name by now
        if written is not None:
            self.pod = written

    async def _tell(self, kind: str, reason: str, message: str) -> None:
        await self._client.tell(self.pod, kind, reason, message)


def _containers(
    pod: Json, group: str, folder: Path, find: Callable[[Json, str], str]
) -> list[Container]:
    waits = group == "containers" and pod["spec"].get("initContainers")
    reason = "PodInitializing" if waits else "ContainerCreating"
    return [
        Container(
            spec,
            pod,
            folder / spec["name"],
            podstatus.ContainerState(
                spec["name"],
                spec["image"],
                state=podstatus.waiting(reason),
                sidecar=group == "initContainers"
                and spec.get("restartPolicy") == "Always",
            ),
            functools.partial(find, pod),
        )
        for spec in pod["spec"].get(group) or ()
    ]
