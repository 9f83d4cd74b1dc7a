"""Custom resource definitions: checked, completed with a status, turned into kinds."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from local_cluster.kube.columns import NAME, from_path
from local_cluster.kube.failures import Cause
from local_cluster.kube.kinds import CRD_GROUP, Kind
from local_cluster.kube.rules import RuleError
from local_cluster.kube.schemas import Schema, compile_schema
from local_cluster.kube.values import Json, dig, meta, stamp

__all__ = ["CRDS", "check", "complete", "kinds_of"]

CRDS = f"customresourcedefinitions.{CRD_GROUP}"


def complete(document: Json, now: datetime) -> None:
    """Fill in what the server adds: default names, conditions, stored versions."""
    spec = document.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = names.get("kind", "")
    names.setdefault("singular", kind.lower())
    names.setdefault("listKind", f"{kind}List")
    spec.setdefault("conversion", {"strategy": "None"})
    status = document.setdefault("status", {})
    known = {one["type"]: one for one in status.get("conditions") or ()}
    status["conditions"] = [
        known.get("NamesAccepted")
        or _condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
        known.get("Established")
        or _condition(
            "Established",
            "InitialNamesAccepted",
            "the initial names have been accepted",
            now,
        ),
    ]
    status["acceptedNames"] = names
    stored = status.setdefault("storedVersions", [])
    for version in spec.get("versions") or ():
        if version.get("storage") and version["name"] not in stored:
            stored.append(version["name"])


def _condition(kind: str, reason: str, message: str, now: datetime) -> Json:
    return {
        "type": kind,
        "status": "True",
        "reason": reason,
        "message": message,
        "lastTransitionTime": stamp(now),
    }


def check(document: Json) -> list[Cause]:
    """Return what is wrong with a definition."""
    return list(_check(document))


def _check(document: Json) -> Iterator[Cause]:
    spec, name = document.get("spec") or {}, meta(document).get("name")
    wanted = f"{dig(spec, 'names', 'plural')}.{spec.get('group')}"
    if name != wanted:
        told = 'must be spec.names.plural+"."+spec.group'
        yield Cause("metadata.name", f'Invalid value: "{name}": {told}')
    if spec.get("scope") not in {"Namespaced", "Cluster"}:
        told = 'Unsupported value: "": supported values: "Cluster", "Namespaced"'
        yield Cause("spec.scope", told, "FieldValueNotSupported")
    if not dig(spec, "names", "kind"):
        yield Cause("spec.names.kind", "Required value", "FieldValueRequired")
    versions = spec.get("versions") or []
    if sum(bool(version.get("storage")) for version in versions) != 1:
        told = "must have exactly one version marked as storage version"
        yield Cause("spec.versions", f"Invalid value: {told}")
    for index, version in enumerate(versions):
        yield from _check_version(version, f"spec.versions[{index}]")


def _check_version(version: Json, where: str) -> Iterator[Cause]:
    tree = dig(version, "schema", "openAPIV3Schema")
    where = f"{where}.schema.openAPIV3Schema"
    if not tree:
        yield Cause(where, "Required value", "FieldValueRequired")
        return
    for cause in _faults(json.dumps(tree)):
        yield replace(cause, field=where + cause.field)


@lru_cache(maxsize=32)
def _faults(text: str) -> tuple[Cause, ...]:
    """What is wrong with a schema, and where in it; looked for once, for it is slow."""
    tree = json.loads(text)
    untyped = tuple(_untyped(tree, ""))
    if untyped:
        return untyped
    try:
        compile_schema(tree)
    except (RuleError, re.error) as error:
        return (Cause("", f"Invalid value: {error}"),)
    return tuple(_broken_defaults(tree, ""))


def _broken_defaults(schema: Any, where: str) -> Iterator[Cause]:
    """A default must be valid as it stands, without the defaults inside it."""
    if "default" in schema:
        alone = Schema({"type": "object", "properties": {"default": schema}})
        for cause in alone.validate({"default": schema["default"]}):
            yield Cause(f"{where}.default", cause.message, cause.reason)
    for name, inner in (schema.get("properties") or {}).items():
        yield from _broken_defaults(inner, f"{where}.properties[{name}]")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _broken_defaults(schema[name], f"{where}.{name}")


def _untyped(schema: Any, where: str) -> Iterator[Cause]:
    """A structural schema names a type at every level."""
    free = ("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields")
    if not schema.get("type") and not any(schema.get(one) for one in free):
        told = "Required value: must not be empty for specified object fields"
        yield Cause(f"{where}.type", told, "FieldValueRequired")
    for name, inner in (schema.get("properties") or {}).items():
        yield from _untyped(inner, f"{where}.properties[{name}]")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _untyped(schema[name], f"{where}.{name}")


def kinds_of(document: Json) -> list[Kind]:
    """Return the kinds that a definition defines, one per version."""
    spec = document["spec"]
    return [_kind(spec, version) for version in spec["versions"]]


def _kind(spec: Json, version: Json) -> Kind:
    names = spec["names"]
    columns = version.get("additionalPrinterColumns") or ()
    return Kind(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        singular=names.get("singular") or names["kind"].lower(),
        list_kind=names.get("listKind") or f"{names['kind']}List",
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=frozenset(version.get("subresources") or ()) & {"status"},
        custom=True,
        storage=bool(version.get("storage")),
        served=bool(version.get("served")),
        counts_generations=True,
        unconditional_update=False,
        columns=(NAME, *map(from_path, columns)) if columns else (),
        schema=compile_schema(version["schema"]["openAPIV3Schema"]),
    )
