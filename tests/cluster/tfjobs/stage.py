"""A TFJob controller alone with its API server, and one TFJob on which it works."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cluster.tfjobs.pods import Pod
from integration.world import IMAGE, until
from local_cluster.kube.client import KubeClient, path_of

__all__ = ["Stage", "conditions", "holding"]

_NAME = "digits"
_API = "kubeflow.org/v1"
_AT_REST = 10
"""So many looks in a row that saw the same."""


def conditions(job: dict[str, Any]) -> list[dict[str, Any]]:
    """All of a TFJob's conditions."""
    return list((job.get("status") or {}).get("conditions") or ())


def holding(job: dict[str, Any]) -> set[str]:
    """The types of those that are True."""
    return {each["type"] for each in conditions(job) if each["status"] == "True"}


@dataclass(frozen=True)
class Stage:
    """One namespace, for one TFJob."""

    kube: KubeClient
    namespace: str

    async def create(
        self,
        restart: str = "Never",
        resources: Any = None,
        roles: Mapping[str, int] = MappingProxyType({"Worker": 1}),
        ports: Any = None,
        **run_policy: Any,
    ) -> None:
        """Create the TFJob."""
        container = {"name": "tensorflow", "image": IMAGE, "resources": resources or {}}
        if ports:
            container["ports"] = ports
        template = {"spec": {"containers": [container]}}
        one = {"restartPolicy": restart, "template": template}
        specs = {role: one | {"replicas": count} for role, count in roles.items()}
        body = {
            "apiVersion": _API,
            "kind": "TFJob",
            "metadata": {"name": _NAME},
            "spec": {
                "runPolicy": {"cleanPodPolicy": "Running", **run_policy},
                "tfReplicaSpecs": specs,
            },
        }
        await self.kube.call(
            "POST", path_of(_API, "tfjobs", (self.namespace, "")), body
        )

    async def change(self, **spec: Any) -> None:
        """Merge fields into its spec."""
        await self.kube.call("PATCH", self._job, {"spec": spec})

    async def say(self, kind: str) -> None:
        """Add a condition that holds, by hand."""
        *known, last = conditions(await self.job())
        said = {**last, "type": kind, "reason": f"TFJob{kind}", "message": "by hand"}
        status = {"status": {"conditions": [*known, last, said]}}
        await self.kube.call("PATCH", f"{self._job}/status", status)

    async def job(self) -> dict[str, Any]:
        """The TFJob as it is."""
        return await self.kube.call("GET", self._job)

    async def holds(self, *kinds: str) -> None:
        """Wait until these conditions are True, and no others."""

        async def look() -> bool:
            return holding(await self.job()) == set(kinds)

        await until(look, f"a TFJob that is {kinds}")

    async def tells(self, reason: str, what: str = "") -> None:
        """Wait for an Event about it, with something in its message."""

        async def look() -> bool:
            return any(
                each["reason"] == reason and what in each["message"]
                for each in await self._events()
            )

        await until(look, f"an Event {reason}")

    async def rests(self) -> None:
        """Wait until nothing changes any more: the controller has seen it all."""
        seen: list[list[str]] = []

        async def look() -> bool:
            seen.append(await self.account())
            return len(seen) >= _AT_REST and seen[-_AT_REST:] == [seen[-1]] * _AT_REST

        await until(look, "rest")

    async def pod(self, *, after: str = "") -> Pod:
        """Wait for its pod; `after`: for the one that follows this."""

        async def look() -> Pod | None:
            return next((e for e in await self.pods() if e.uid != after), None)

        found: Pod = await until(look, "a pod")
        return found

    async def peers(self, count: int) -> dict[str, Pod]:
        """Wait for so many pods; each by its place, such as worker-0."""

        async def look() -> list[Pod]:
            found = await self.pods()
            return found if len(found) == count else []

        found: list[Pod] = await until(look, f"{count} pods")
        return {each.name.removeprefix(f"{_NAME}-"): each for each in found}

    async def pods(self) -> list[Pod]:
        """Its pods."""
        path = path_of("v1", "pods", (self.namespace, ""))
        return [
            Pod(self.kube, f"{path}/{each['metadata']['name']}", each)
            for each in await self._all("pods")
        ]

    async def account(self) -> list[str]:
        """What anyone can see of it, line by line; no times, uids or namespace."""
        job = await self.job()
        status = job.get("status") or {}
        counts = sorted((status.get("replicaStatuses") or {}).items())
        lines = [
            *(_line("condition", each, "status") for each in conditions(job)),
            *(f"count {kind} {count}" for kind, count in counts),
            *(f"has {name}" for name in sorted(status) if name.endswith("Time")),
            *(line for each in await self.pods() for line in _look_at(each)),
            *map(_look_at_service, await self._all("services")),
            *sorted({_line("event", each, "type") for each in await self._events()}),
        ]
        return [line.replace(self.namespace, "NAMESPACE") for line in lines]

    @property
    def _job(self) -> str:
        return path_of(_API, "tfjobs", (self.namespace, _NAME))

    async def _events(self) -> list[dict[str, Any]]:
        found = await self._all("events")
        return [e for e in found if e["involvedObject"]["kind"] == "TFJob"]

    async def _all(self, plural: str) -> list[dict[str, Any]]:
        path = path_of("v1", plural, (self.namespace, ""))
        return list((await self.kube.call("GET", path))["items"])


def _line(what: str, item: dict[str, Any], word: str) -> str:
    told = dict.fromkeys((item["type"], item[word], item["reason"], item["message"]))
    return " ".join((what, *told))


def _look_at(pod: Pod) -> list[str]:
    about, spec = pod.body["metadata"], pod.body["spec"]
    (owner,) = about["ownerReferences"]
    labels = ", ".join(
        f"{key}={value}" for key, value in sorted(about["labels"].items())
    )
    [container] = spec["containers"]
    ports = [port["containerPort"] for port in container.get("ports", ())]
    told = {each["name"]: each["value"] for each in container.get("env", ())}
    return [
        f"pod {pod.name} {pod.state} {spec['restartPolicy']} {ports}",
        f"told {told}",
        f"labels {labels}",
        f"owner {owner['kind']} {owner['name']} {owner['controller']}",
    ]


def _look_at_service(service: dict[str, Any]) -> str:
    spec = service["spec"]
    ports = sorted((port["name"], port["port"]) for port in spec["ports"])
    labels = sorted(spec["selector"].items())
    name = service["metadata"]["name"]
    return f"service {name} {spec['clusterIP']} {ports} {labels}"
