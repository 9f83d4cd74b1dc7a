"""What a pod's status says, computed from the states of its containers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from local_cluster.kube.values import Json, dig, stamp

__all__ = ["ContainerState", "pod_status", "running", "terminated", "waiting"]


def waiting(reason: str, message: str = "") -> Json:
    """State of a container that does not run yet."""
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(now: datetime) -> Json:
    """State of a container that runs."""
    return {"running": {"startedAt": stamp(now)}}


def terminated(
    code: int, reason: str, message: str, started: datetime, now: datetime
) -> Json:
    """State of a container that has ended."""
    end = {
        "exitCode": code,
        "reason": reason or ("Error" if code else "Completed"),
        "startedAt": stamp(started),
        "finishedAt": stamp(now),
    }
    return {"terminated": end | ({"message": message} if message else {})}


@dataclass(slots=True)
class ContainerState:
    """One container and how it is doing."""

    name: str
    image: str
    image_id: str = ""
    state: Json = field(default_factory=lambda: waiting("ContainerCreating"))
    last_state: Json = field(default_factory=dict)
    restarts: int = 0
    sidecar: bool = False
    """Whether it runs beside the others, and ends when they have."""

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it has not."""
        code = dig(self.state, "terminated", "exitCode")
        return None if code is None else int(code)

    def recall(self, document: Json) -> None:
        """Take over what was reported before."""
        self.image_id = document["imageID"]
        self.state = document["state"]
        self.last_state = document["lastState"]
        self.restarts = document["restartCount"]

    def document(self) -> Json:
        """Return its entry in `containerStatuses`."""
        is_running = "running" in self.state
        return {
            "name": self.name,
            "image": self.image,
            "imageID": self.image_id,
            "containerID": f"process://{self.name}-{self.restarts}",
            "state": self.state,
            "lastState": self.last_state,
            "ready": is_running,
            "started": is_running,
            "restartCount": self.restarts,
        }


def pod_status(
    old: Json,
    inits: Sequence[ContainerState],
    mains: Sequence[ContainerState],
    now: datetime,
    *,
    final: bool = False,
) -> Json:
    """Compute a pod's status; `final` when nothing will be started any more."""
    phase = _phase(inits, mains, final=final)
    ready = phase == "Running" and all("running" in one.state for one in mains)
    initialized = all(
        "running" in one.state if one.sidecar else one.exit_code == 0 for one in inits
    )
    status: Json = {
        "phase": phase,
        "conditions": _conditions(old, now, initialized=initialized, ready=ready),
        "hostIP": "127.0.0.1",
        "podIP": "127.0.0.1",
        "podIPs": [{"ip": "127.0.0.1"}],
        # A real API server works it out, and lets nobody change it.
        "qosClass": old.get("qosClass") or "BestEffort",
        "startTime": old.get("startTime") or stamp(now),
        "containerStatuses": [one.document() for one in mains],
    }
    if inits:
        status["initContainerStatuses"] = [one.document() for one in inits]
    return status


def _phase(
    inits: Sequence[ContainerState], mains: Sequence[ContainerState], *, final: bool
) -> str:
    if final:
        codes = [one.exit_code for one in (*inits, *mains) if not one.sidecar]
        return "Failed" if any(code != 0 for code in codes) else "Succeeded"
    begun = all("waiting" not in one.state or one.restarts for one in mains)
    return "Running" if begun else "Pending"


def _conditions(
    old: Json, now: datetime, *, initialized: bool, ready: bool
) -> list[Json]:
    known = {one["type"]: one for one in old.get("conditions") or ()}
    wanted = {
        "PodScheduled": True,
        "Initialized": initialized,
        "ContainersReady": ready,
        "Ready": ready,
    }
    result = []
    for kind, value in wanted.items():
        said = "True" if value else "False"
        before = known.get(kind) or {}
        changed = before.get("status") != said
        moment = stamp(now) if changed else before["lastTransitionTime"]
        result.append({"type": kind, "status": said, "lastTransitionTime": moment})
    return result
