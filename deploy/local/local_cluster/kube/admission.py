"""What the server itself knows of built-in kinds: defaults and the rules they keep."""

import base64
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from local_cluster.kube.failures import Cause
from local_cluster.kube.values import Json, dig, meta

__all__ = ["check", "complete", "quantity"]

_Complete: TypeAlias = Callable[[Json], None]

_RESTART_POLICIES = ("Always", "OnFailure", "Never")

_UNITS = {
    "m": Decimal("0.001"), "": Decimal(1), "k": Decimal(10**3), "M": Decimal(10**6),
    "G": Decimal(10**9), "T": Decimal(10**12), "Ki": Decimal(2**10),
    "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40),
}  # fmt: skip


def quantity(text: object) -> Decimal | None:
    """Read a resource quantity such as 500m or 2Gi; None when it is none."""
    raw = str(text)
    number = raw.rstrip("mkKMGTi")
    try:
        return Decimal(number) * _UNITS[raw[len(number) :]]
    except (InvalidOperation, KeyError):
        return None


def complete(kind: str, document: Json) -> None:
    """Fill in a new object of a built-in kind, in place."""
    filler = _FILLERS.get(kind)
    if filler is not None:
        filler(document)


def check(kind: str, document: Json) -> list[Cause]:
    """Return what is wrong with an object of a built-in kind."""
    match kind:
        case "Pod":
            return list(_check_pod(document.get("spec") or {}, "spec"))
        case "Event":
            return list(_check_event(document))
        case _:
            return []


def _fill_namespace(document: Json) -> None:
    document.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    document.setdefault("status", {}).setdefault("phase", "Active")
    labels = meta(document).setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = meta(document)["name"]


def _fill_secret(document: Json) -> None:
    document["type"] = document.get("type") or "Opaque"
    for key, value in (document.pop("stringData", None) or {}).items():
        data = document.setdefault("data", {})
        data[key] = base64.b64encode(value.encode()).decode()


def _fill_service(document: Json) -> None:
    spec = document.setdefault("spec", {})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    document.setdefault("status", {"loadBalancer": {}})


def _fill_pod(document: Json) -> None:
    spec = document.setdefault("spec", {})
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("schedulerName", "default-scheduler")
    for container in (*_list(spec, "initContainers"), *_list(spec, "containers")):
        container.setdefault("resources", {})
        container.setdefault("terminationMessagePath", "/dev/termination-log")
        container.setdefault("terminationMessagePolicy", "File")
        limits = dig(container, "resources", "limits")
        if limits:
            container["resources"].setdefault("requests", {})
            container["resources"]["requests"] = {
                **limits,
                **container["resources"]["requests"],
            }
    document["status"] = {"phase": "Pending"}


def _fill_service_account(document: Json) -> None:
    document.setdefault("secrets", []) or document.pop("secrets")


_FILLERS: dict[str, _Complete] = {
    "Namespace": _fill_namespace,
    "Pod": _fill_pod,
    "Secret": _fill_secret,
    "Service": _fill_service,
    "ServiceAccount": _fill_service_account,
}


def _list(spec: Json, name: str) -> list[Json]:
    found = spec.get(name)
    return found if isinstance(found, list) else []


def _required(where: str) -> Cause:
    return Cause(where, "Required value", "FieldValueRequired")


def _check_pod(spec: Json, where: str) -> Iterator[Cause]:
    policy = spec.get("restartPolicy")
    if policy not in _RESTART_POLICIES:
        supported = ", ".join(f'"{one}"' for one in _RESTART_POLICIES)
        told = f'Unsupported value: "{policy}": supported values: {supported}'
        yield Cause(f"{where}.restartPolicy", told, "FieldValueNotSupported")
    if not spec.get("containers"):
        yield _required(f"{where}.containers")
    names: set[Any] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(_list(spec, group)):
            here = f"{where}.{group}[{index}]"
            yield from _check_container(container, here)
            name = container.get("name")
            if name in names:
                told = f'Duplicate value: "{name}"'
                yield Cause(f"{here}.name", told, "FieldValueDuplicate")
            names.add(name)
    yield from _check_mounts(spec, where)


def _check_container(container: Json, where: str) -> Iterator[Cause]:
    for name in ("name", "image"):
        if not container.get(name):
            yield _required(f"{where}.{name}")
    limits = dig(container, "resources", "limits") or {}
    for resource, asked in (dig(container, "resources", "requests") or {}).items():
        request, limit = quantity(asked), quantity(limits.get(resource))
        here = f"{where}.resources.requests"
        if request is None:
            told = f'Invalid value: "{asked}": must be a quantity'
            yield Cause(f"{here}[{resource}]", told)
        elif limit is not None and request > limit:
            told = (
                f'Invalid value: "{asked}": must be less than or equal to {resource} '
                f"limit of {limits[resource]}"
            )
            yield Cause(here, told)


def _check_mounts(spec: Json, where: str) -> Iterator[Cause]:
    volumes = {volume.get("name") for volume in _list(spec, "volumes")}
    for index, container in enumerate(_list(spec, "containers")):
        for number, mount in enumerate(_list(container, "volumeMounts")):
            if mount.get("name") not in volumes:
                here = f"{where}.containers[{index}].volumeMounts[{number}].name"
                told = f'Not found: "{mount.get("name")}"'
                yield Cause(here, told, "FieldValueNotFound")


def _check_event(document: Json) -> Iterator[Cause]:
    about = dig(document, "involvedObject", "namespace") or "default"
    if about != meta(document).get("namespace"):
        told = f'Invalid value: "{about}": does not match event.namespace'
        yield Cause("involvedObject.namespace", told)
