"""One pod, and what its scheduler and its kubelet say has become of it.

All of that goes through the pod's status, as a kubelet writes it; nothing runs.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integration.world import IMAGE
from local_cluster.kube.client import ClientError, KubeClient

__all__ = ["NODE", "Pod"]

NODE = "node-1"
_JOB_NAME = "training.kubeflow.org/job-name"
_IMAGE_ID = f"registry.example.org/{IMAGE}@sha256:{'1' * 64}"


@dataclass(frozen=True)
class Pod:
    """A pod, as it was when it was found."""

    kube: KubeClient
    path: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name, which a later one may have too."""
        return str(self.body["metadata"]["name"])

    @property
    def uid(self) -> str:
        """What no other has."""
        return str(self.body["metadata"]["uid"])

    @property
    def job(self) -> str:
        """The name of its TFJob."""
        return str(self.body["metadata"]["labels"][_JOB_NAME])

    @property
    def environment(self) -> dict[str, str]:
        """What its trainer is told."""
        container = self.body["spec"]["containers"][0]
        return {each["name"]: each["value"] for each in container["env"]}

    @property
    def state(self) -> str:
        """Its phase, and whether it is on its way out."""
        going = "deletionTimestamp" in self.body["metadata"]
        return str(self.body["status"]["phase"]) + (" deleting" if going else "")

    async def bind(self) -> None:
        """Give it a node; from now on its deletion waits for the kubelet there."""
        target = {"apiVersion": "v1", "kind": "Node", "name": NODE}
        kind = {"apiVersion": "v1", "kind": "Binding"}
        binding = {**kind, "metadata": {"name": self.name}, "target": target}
        await self.kube.call("POST", f"{self.path}/binding", binding)

    async def run(self, image_id: str = _IMAGE_ID) -> None:
        """Its container has started."""
        await self.bind()
        running = {"running": {"startedAt": _now()}}
        await self.report("Running", running, image_id=image_id)

    async def end(
        self, code: int, reason: str = "", message: str = "", **status: Any
    ) -> None:
        """Its container has ended; keywords are fields of the pod's own status."""
        end = {
            "exitCode": code,
            "reason": reason or ("Error" if code else "Completed"),
            "message": message,
            "startedAt": _now(),
            "finishedAt": _now(),
        }
        phase = "Failed" if code else "Succeeded"
        await self.report(phase, {"terminated": end}, **status)

    async def wait(self, reason: str, message: str) -> None:
        """Its container waits for something, and says for what."""
        waiting = {"reason": reason, "message": message}
        await self.report("Pending", {"waiting": waiting})

    async def report(
        self,
        phase: str,
        state: dict[str, Any] | None = None,
        image_id: str = _IMAGE_ID,
        **status: Any,
    ) -> None:
        """Write its status; `state` is that of its one container."""
        if state is not None:
            container = {
                "name": "tensorflow",
                "image": IMAGE,
                "imageID": "" if "waiting" in state else image_id,
                "ready": "running" in state,
                "restartCount": 0,
                "state": state,
            }
            status["containerStatuses"] = [container]
        change = {"status": {"phase": phase, **status}}
        await self.kube.call("PATCH", f"{self.path}/status", change)

    async def delete(self, *, force: bool = False) -> None:
        """Delete it; by force it is gone at once, whatever still runs."""
        options: dict[str, Any] = {"preconditions": {"uid": self.uid}}
        options |= {"apiVersion": "v1", "kind": "DeleteOptions"}
        if force:
            options["gracePeriodSeconds"] = 0
        await self.kube.call("DELETE", self.path, options)

    async def again(self) -> "Pod":
        """Make it once more, as its controller would."""
        about = self.body["metadata"]
        metadata = {key: about[key] for key in ("name", "labels", "ownerReferences")}
        made = {"metadata": metadata, "spec": self.body["spec"]}
        path = self.path.rpartition("/")[0]
        return Pod(self.kube, self.path, await self.kube.call("POST", path, made))

    async def disappear(self) -> None:
        """Its kubelet has ended it; perhaps nobody knows it any more."""
        with suppress(ClientError):
            await self.delete(force=True)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
