"""The columns of `kubectl get` for each kind, as a real server would print them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from local_cluster.kube.ages import since
from local_cluster.kube.jsonpath import find
from local_cluster.kube.values import Json, dig, meta

__all__ = ["AGE", "BUILT_IN_COLUMNS", "NAME", "Column", "from_path"]

_Cell: TypeAlias = Callable[[Json, datetime], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how to fill the cell below it."""

    name: str
    cell: _Cell
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0
    """0 for the plain table, more for `-o wide`."""


def _from(*path: str | int, otherwise: object = None) -> _Cell:
    def cell(document: Json, _now: datetime) -> Any:
        found = dig(document, *path)
        return otherwise if found is None else found

    return cell


def _count(*fields: str) -> _Cell:
    return lambda document, _now: sum(len(document.get(name) or ()) for name in fields)


def _age(document: Json, now: datetime) -> str:
    return since(meta(document).get("creationTimestamp"), now)


def _last_seen(document: Json, now: datetime) -> str:
    return since(document.get("lastTimestamp") or document.get("eventTime"), now)


def _event_object(document: Json, _now: datetime) -> str:
    about = document.get("involvedObject") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _pod_ready(document: Json, _now: datetime) -> str:
    ready = [one.get("ready") for one in _containers(document)]
    return f"{sum(map(bool, ready))}/{len(dig(document, 'spec', 'containers') or ())}"


def _pod_restarts(document: Json, _now: datetime) -> str:
    return str(sum(one.get("restartCount", 0) for one in _containers(document)))


def _pod_status(document: Json, _now: datetime) -> str:
    if meta(document).get("deletionTimestamp"):
        return "Terminating"
    status = document.get("status") or {}
    reasons = [
        dig(one, "state", state, "reason")
        for one in _containers(document)
        for state in ("waiting", "terminated")
    ]
    reason = next(filter(None, reversed(reasons)), None)
    return str(status.get("reason") or reason or status.get("phase", ""))


def _containers(document: Json) -> list[Json]:
    return dig(document, "status", "containerStatuses") or []


def _deployment_ready(document: Json, _now: datetime) -> str:
    ready = dig(document, "status", "readyReplicas") or 0
    wanted = dig(document, "spec", "replicas")
    return f"{ready}/{1 if wanted is None else wanted}"


NAME = Column("Name", _from("metadata", "name"), format="name")
AGE = Column("Age", _age)


def from_path(column: Json) -> Column:
    """Make a column from an `additionalPrinterColumns` entry of a CRD."""
    path, kind = column["jsonPath"], column["type"]

    def cell(document: Json, now: datetime) -> Any:
        found = find(path, document)
        if not found:
            return None
        return since(found[0], now) if kind == "date" else _typed(found[0], kind)

    return Column(
        column["name"],
        cell,
        kind,
        column.get("format", ""),
        column.get("description", ""),
        column.get("priority", 0),
    )


def _typed(value: Any, kind: str) -> Any:
    if kind == "string":
        if isinstance(value, bool):
            return str(value).lower()
        return value if isinstance(value, str) else str(value)
    return value


BUILT_IN_COLUMNS: dict[str, tuple[Column, ...]] = {
    "Namespace": (NAME, Column("Status", _from("status", "phase")), AGE),
    "Node": (
        NAME,
        Column("Status", lambda *_: "Ready"),
        Column("Roles", lambda *_: "<none>"),
        AGE,
        Column("Version", _from("status", "nodeInfo", "kubeletVersion")),
    ),
    "Pod": (
        NAME,
        Column("Ready", _pod_ready),
        Column("Status", _pod_status),
        Column("Restarts", _pod_restarts),
        AGE,
        Column("IP", _from("status", "podIP", otherwise="<none>"), priority=1),
        Column("Node", _from("spec", "nodeName", otherwise="<none>"), priority=1),
    ),
    "Event": (
        Column("Last Seen", _last_seen),
        Column("Type", _from("type")),
        Column("Reason", _from("reason")),
        Column("Object", _event_object),
        Column("Source", _from("source", "component"), priority=1),
        Column("Message", _from("message")),
        Column("Count", _from("count"), "integer", priority=1),
        Column("Name", _from("metadata", "name"), priority=1),
    ),
    "Secret": (
        NAME,
        Column("Type", _from("type")),
        Column("Data", _count("data"), "integer"),
        AGE,
    ),
    "ConfigMap": (NAME, Column("Data", _count("data", "binaryData"), "integer"), AGE),
    "ServiceAccount": (NAME, Column("Secrets", _count("secrets"), "integer"), AGE),
    "Service": (
        NAME,
        Column("Type", _from("spec", "type")),
        Column("Cluster-IP", _from("spec", "clusterIP", otherwise="<none>")),
        Column("Port(s)", _from("spec", "ports", 0, "port", otherwise="<none>")),
        AGE,
    ),
    "Lease": (NAME, Column("Holder", _from("spec", "holderIdentity")), AGE),
    "Deployment": (NAME, Column("Ready", _deployment_ready), AGE),
    "CustomResourceDefinition": (
        NAME,
        Column("Created At", _from("metadata", "creationTimestamp")),
    ),
}
