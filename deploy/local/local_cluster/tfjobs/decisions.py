"""Decides what a TFJob needs next: pods and services, then what its status says."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from local_cluster.kube.values import Json, clone, dig, meta, stamp
from local_cluster.tfjobs import conditions, limits
from local_cluster.tfjobs.abnormal import abnormal
from local_cluster.tfjobs.pods import (
    CONTAINER,
    Replica,
    build_pod,
    build_service,
    replicas_of,
)

__all__ = ["Create", "Delete", "Plan", "Seen", "Step", "Tell", "decide"]

_RETRYABLE_FROM = 128


@dataclass(frozen=True, slots=True)
class Create:
    """Make a pod or a service."""

    plural: str
    body: Json


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a pod or a service."""

    plural: str
    name: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Record an Event about the job."""

    type: str
    reason: str
    message: str


Step: TypeAlias = Create | Delete | Tell


@dataclass(slots=True)
class Plan:
    """Steps in order; the status is written only when all of them went well."""

    steps: list[Step] = field(default_factory=list)
    status: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A job and what belongs to it."""

    job: Json
    pods: list[Json]
    services: list[Json]
    vanished: frozenset[str] = frozenset()
    """Pods that were running when they were last seen, and are gone."""


def decide(seen: Seen, now: datetime) -> Plan | None:
    """Return what to do; None for a job that is being deleted: it is left alone."""
    job = seen.job
    if meta(job).get("deletionTimestamp"):
        return None
    plan = Plan(status=clone(job.get("status") or {}))
    name = f"TFJob {meta(job)['namespace']}/{meta(job)['name']}"
    if conditions.is_finished(plan.status):
        _finish(seen, plan)
        return plan
    if not conditions.holds(plan.status, "Created"):
        told = f"TFJob {meta(job)['name']} is created."
        conditions.put(plan.status, "Created", told, now)
    if dig(job, "spec", "runPolicy", "suspend"):
        _suspend(seen, plan, now)
        return plan
    if conditions.holds(plan.status, "Suspended"):
        told = f"TFJob {meta(job)['name']} is resumed."
        conditions.put(plan.status, "Suspended", told, now, value=False)
        plan.status["startTime"] = stamp(now)
        plan.steps.append(Tell("Normal", "TFJobResumed", told))
    exceeded = limits.exceeded(job, seen.pods, plan.status, now)
    if exceeded:
        _clean(seen, plan)
        told = f"Job {meta(job)['name']} has failed because {exceeded}"
        plan.steps.append(Tell("Normal", "TFJobFailed", told))
        plan.status.setdefault("completionTime", stamp(now))
        conditions.put(plan.status, "Failed", told, now)
        return plan
    plan.steps += [Tell("Warning", *one) for one in abnormal(seen.pods)]
    _run(seen, plan, now)
    _judge(seen, plan, name, now)
    return plan


def _finish(seen: Seen, plan: Plan) -> None:
    _clean(seen, plan)
    if conditions.holds(plan.status, "Succeeded"):
        for status in (plan.status.get("replicaStatuses") or {}).values():
            if status.get("active"):
                status["succeeded"] = status.get("succeeded", 0) + status.pop("active")


def _clean(seen: Seen, plan: Plan) -> None:
    policy = dig(seen.job, "spec", "runPolicy", "cleanPodPolicy") or "None"
    if policy == "None":
        return
    for pod in seen.pods:
        phase = dig(pod, "status", "phase")
        if policy == "All" or phase in {"Running", "Pending"}:
            _remove(seen, plan, pod)


def _remove(seen: Seen, plan: Plan, pod: Json) -> None:
    """Take a pod away, and the service of its name."""
    name = meta(pod)["name"]
    _delete(plan, "pods", pod)
    for service in seen.services:
        if meta(service)["name"] == name:
            plan.steps.append(Delete("services", name))


def _delete(plan: Plan, plural: str, document: Json) -> None:
    if not meta(document).get("deletionTimestamp"):
        plan.steps.append(Delete(plural, meta(document)["name"]))


def _suspend(seen: Seen, plan: Plan, now: datetime) -> None:
    for pod in seen.pods:
        _remove(seen, plan, pod)
    for status in (plan.status.get("replicaStatuses") or {}).values():
        status.pop("active", None)
    told = f"TFJob {meta(seen.job)['name']} is suspended."
    plan.steps.append(Tell("Normal", "TFJobSuspended", told))
    if conditions.holds(plan.status, "Running"):
        conditions.put(plan.status, "Running", told, now, value=False)
    conditions.put(plan.status, "Suspended", told, now)


def _run(seen: Seen, plan: Plan, now: datetime) -> None:
    pods = {meta(pod)["name"]: pod for pod in seen.pods}
    services = {meta(one)["name"] for one in seen.services}
    counts: Json = {}
    for kind, spec, places in replicas_of(seen.job):
        counts[kind] = {}
        for place in places:
            pod = pods.get(place.name)
            if pod is None and place.name in seen.vanished:
                # Deleted by force it is on its way out first, for a moment.
                counts[kind]["failed"] = counts[kind].get("failed", 0) + 1
            elif pod is None:
                plan.steps.append(Create("pods", build_pod(seen.job, spec, place)))
            else:
                _look_at(plan, spec, place, pod, now=now)
                _count(counts[kind], pod)
        for place in places:
            if place.name not in services:
                service = build_service(seen.job, place)
                plan.steps.append(Create("services", service))
    plan.status["replicaStatuses"] = counts


def _look_at(
    plan: Plan, spec: Json, place: Replica, pod: Json, *, now: datetime
) -> None:
    policy, code = spec.get("restartPolicy"), _exit_code(pod)
    if code is not None:
        told = f"Pod: {meta(pod)['namespace']}.{place.name} exited with code {code}"
        plan.steps.append(Tell("Normal", "ExitedWithCode", told))
    if dig(pod, "status", "phase") != "Failed":
        return
    if policy in {"OnFailure", "Always"} or (
        # Without an exit code, as after an eviction, it counts as retryable.
        policy == "ExitCode" and (code is None or code >= _RETRYABLE_FROM)
    ):
        told = f"job {place.job} is restarting because {place.type} replica(s) failed."
        plan.steps.append(Tell("Warning", "TFJobRestarting", told))
        _delete(plan, "pods", pod)
        conditions.put(plan.status, "Restarting", told, now)
    elif policy == "ExitCode":
        told = f'job "{place.job}" is failing because "{place.type}" replica(s) failed.'
        plan.steps.append(Tell("Warning", "TFJobFailed", told))
        conditions.put(plan.status, "Failed", told, now)


def _exit_code(pod: Json) -> int | None:
    for one in dig(pod, "status", "containerStatuses") or ():
        code = dig(one, "state", "terminated", "exitCode")
        if one["name"] == CONTAINER and code is not None:
            return int(code)
    return None


def _count(counts: Json, pod: Json) -> None:
    phase = dig(pod, "status", "phase")
    if phase == "Running" and meta(pod).get("deletionTimestamp"):
        phase = "Failed"  # it may never live to say so itself
    field_ = {"Running": "active", "Succeeded": "succeeded", "Failed": "failed"}
    if phase in field_:
        counts[field_[phase]] = counts.get(field_[phase], 0) + 1


def _judge(seen: Seen, plan: Plan, name: str, now: datetime) -> None:
    """Say how the job as a whole is doing."""
    status = plan.status
    status.setdefault("startTime", stamp(now))
    restarting = conditions.holds(status, "Restarting")
    for kind, spec, _ in _decisive(seen.job):
        counts = status["replicaStatuses"][kind]
        wanted = 1 if spec.get("replicas") is None else spec["replicas"]
        left = wanted - counts.get("succeeded", 0)
        if left <= 0 or (kind == "Worker" and _first_worker_done(seen)):
            status.setdefault("completionTime", stamp(now))
            told = f"{name} successfully completed."
            plan.steps.append(Tell("Normal", "TFJobSucceeded", told))
            conditions.put(status, "Succeeded", told, now)
        elif counts.get("active"):
            conditions.put(status, "Running", f"{name} is running.", now)
    for kind, counts in status["replicaStatuses"].items():
        if counts.get("failed") and not restarting:
            told = (
                f"{name} has failed because {counts['failed']} {kind} replica(s) "
                "failed."
            )
            plan.steps.append(Tell("Normal", "TFJobFailed", told))
            status.setdefault("completionTime", stamp(now))
            conditions.put(status, "Failed", told, now)


def _decisive(job: Json) -> list[tuple[str, Json, list[Replica]]]:
    """Chief or master decides where there is one, else the workers; PS never."""
    found = list(replicas_of(job))
    masters = [one for one in found if one[0] in {"Chief", "Master"}]
    return masters or [one for one in found if one[0] == "Worker"]


def _first_worker_done(seen: Seen) -> bool:
    if dig(seen.job, "spec", "successPolicy") == "AllWorkers":
        return False
    first = f"{meta(seen.job)['name']}-worker-0"
    return any(
        meta(pod)["name"] == first and dig(pod, "status", "phase") == "Succeeded"
        for pod in seen.pods
    )
