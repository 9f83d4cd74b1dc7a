"""Builds the pods and services of a TFJob, named and labelled as the real ones."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from local_cluster.kube.values import Json, clone, dig, meta

__all__ = ["CONTAINER", "LABEL", "Replica", "build_pod", "build_service", "replicas_of"]

CONTAINER = "tensorflow"
LABEL = "training.kubeflow.org/"
_PORT_NAME, _PORT = "tfjob-port", 2222


@dataclass(frozen=True, slots=True)
class Replica:
    """One place in a job, to be filled by one pod."""

    job: str
    type: str
    index: int

    @property
    def name(self) -> str:
        """The name of its pod and of its service."""
        return f"{self.job}-{self.type.lower()}-{self.index}"

    @property
    def labels(self) -> dict[str, str]:
        """What tells its pod from those of other places."""
        return {
            f"{LABEL}job-name": self.job,
            f"{LABEL}operator-name": "tfjob-controller",
            f"{LABEL}replica-index": str(self.index),
            f"{LABEL}replica-type": self.type.lower(),
        }


def replicas_of(job: Json) -> Iterator[tuple[str, Json, list[Replica]]]:
    """Return each replica type with its specification and its places."""
    name = meta(job)["name"]
    for kind, spec in sorted((dig(job, "spec", "tfReplicaSpecs") or {}).items()):
        wanted = spec.get("replicas")
        # Zero replicas still make a pod: the real controller's places start at one.
        count = 1 if wanted is None else max(1, wanted)
        yield kind, spec, [Replica(name, kind, index) for index in range(count)]


def build_pod(job: Json, spec: Json, replica: Replica) -> Json:
    """Build the pod for a place, from the template of its replica type."""
    template: Json = clone(spec.get("template") or {})
    about = meta(template)
    labels = {**(about.get("labels") or {}), **replica.labels}
    if _is_master(job, replica):
        labels[f"{LABEL}job-role"] = "master"
    body = template.get("spec") or {}
    policy = spec.get("restartPolicy") or "Never"
    body["restartPolicy"] = "Never" if policy == "ExitCode" else policy
    for container in _trainers(body):
        container["ports"] = _ports(container)
    if sum(len(places) for _, _, places in replicas_of(job)) > 1:
        _configure(body, job, replica)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": replica.name,
            "namespace": meta(job)["namespace"],
            "labels": labels,
            "annotations": about.get("annotations") or {},
            "ownerReferences": [_owner(job)],
        },
        "spec": body,
    }


def build_service(job: Json, replica: Replica) -> Json:
    """Build the headless service through which replicas find each other."""
    template = dig(job, "spec", "tfReplicaSpecs", replica.type, "template", "spec")
    ports = [port for one in _trainers(template or {}) for port in _ports(one)]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": replica.name,
            "namespace": meta(job)["namespace"],
            "labels": replica.labels,
            "ownerReferences": [_owner(job)],
        },
        "spec": {
            "clusterIP": "None",
            "selector": replica.labels,
            "ports": [
                {
                    "name": port["name"],
                    "port": port["containerPort"],
                    "targetPort": port["containerPort"],
                }
                for port in ports
            ],
        },
    }


def _trainers(body: Json) -> list[Json]:
    """Return the containers that TFJobs are about: one, in a job that is let in."""
    return [one for one in body.get("containers") or () if one["name"] == CONTAINER]


def _ports(container: Json) -> list[Json]:
    """Return the ports of a container, with the one that every replica has."""
    ports = container.get("ports") or []
    if any(port.get("name") == _PORT_NAME for port in ports):
        return list(ports)
    own = {"name": _PORT_NAME, "containerPort": _PORT, "protocol": "TCP"}
    return [*ports, own]


def _configure(body: Json, job: Json, replica: Replica) -> None:
    """Tell a pod who its peers are: by their services, at the port of their type."""
    cluster = {
        kind.lower(): [
            f"{place.name}.{meta(job)['namespace']}.svc:{_port(spec)}"
            for place in places
        ]
        for kind, spec, places in replicas_of(job)
    }
    task = {"type": replica.type.lower(), "index": replica.index}
    config = {"cluster": cluster, "task": task, "environment": "cloud"}
    for container in _trainers(body):
        value = json.dumps(config, separators=(",", ":"))
        variable = {"name": "TF_CONFIG", "value": value}
        container["env"] = [*(container.get("env") or ()), variable]


def _port(spec: Json) -> int:
    """Return the port of a replica type, which its container may name otherwise."""
    body = dig(spec, "template", "spec") or {}
    ports = [port for one in _trainers(body) for port in _ports(one)]
    return next(
        (int(one["containerPort"]) for one in ports if one.get("name") == _PORT_NAME),
        _PORT,
    )


def _is_master(job: Json, replica: Replica) -> bool:
    kinds = {kind for kind, _, _ in replicas_of(job)}
    if kinds & {"Chief", "Master"}:
        return replica.type in {"Chief", "Master"}
    return replica.type == "Worker" and replica.index == 0


def _owner(job: Json) -> Json:
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "TFJob",
        "name": meta(job)["name"],
        "uid": meta(job)["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
