"""OpenAPI, as much as kubectl reads: schemas to explain, and which options exist."""

import hashlib
import json
from typing import Any

from local_cluster.kube.discovery import VERSION
from local_cluster.kube.kinds import Kind
from local_cluster.kube.patches import APPLY, JSON_PATCH, MERGE
from local_cluster.kube.registry import Registry
from local_cluster.kube.values import Json

__all__ = ["document", "index", "swagger"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_KEEP = "x-kubernetes-preserve-unknown-fields"
_OPEN: Json = {"type": "object", _KEEP: True}
_QUERY = ("dryRun", "fieldManager", "fieldValidation", "pretty")


def index(registry: Registry) -> Json:
    """Answer /openapi/v3: where each group and version is described."""
    paths = {}
    for group, versions in registry.groups().items():
        for version in versions:
            place = f"apis/{group}/{version}" if group else f"api/{version}"
            told = json.dumps(document(registry, group, version), sort_keys=True)
            mark = hashlib.sha256(told.encode()).hexdigest()[:32].upper()
            url = f"/openapi/v3/{place}?hash={mark}"
            paths[place] = {"serverRelativeURL": url}
    return {"paths": paths}


def document(registry: Registry, group: str, version: str) -> Json | None:
    """Answer /openapi/v3/apis/GROUP/VERSION."""
    kinds = registry.groups().get(group, {}).get(version)
    if kinds is None:
        return None
    paths: Json = {}
    for kind in kinds:
        paths |= _paths(kind)
    schemas = {_name(kind): _schema(kind, "#/components/schemas/") for kind in kinds}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": paths,
        "components": {"schemas": schemas | {_META: _metadata()}},
    }


def swagger(registry: Registry) -> Json:
    """Answer /openapi/v2: the schemas of all kinds."""
    found = {_name(kind): _schema(kind, "#/definitions/") for kind in registry.kinds()}
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": {},
        "definitions": found | {_META: _metadata()},
    }


def _name(kind: Kind) -> str:
    domain = ".".join(reversed((kind.group or "core.api.k8s.io").split(".")))
    return f"{domain}.{kind.version}.{kind.kind}"


def _gvk(kind: Kind) -> Json:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _metadata() -> Json:
    strings = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "description": "What every object has.",
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "namespace": {"type": "string"},
            "labels": strings,
            "annotations": strings,
        },
        _KEEP: True,
    }


def _schema(kind: Kind, base: str) -> Json:
    tree: Json = kind.schema.tree or {
        **_OPEN,
        "properties": {"spec": _OPEN, "status": _OPEN},
    }
    about: Json = {"$ref": base + _META}
    if "components" in base:
        told = "Its name, labels and annotations."
        about = {"allOf": [about], "default": {}, "description": told}
    own = {
        "apiVersion": {"type": "string", "description": "Group and version."},
        "kind": {"type": "string", "description": "The object's kind."},
        "metadata": about,
    }
    return {
        **tree,
        "properties": {**(tree.get("properties") or {}), **own},
        "x-kubernetes-group-version-kind": [_gvk(kind)],
    }


def _paths(kind: Kind) -> Json:
    root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
    scope = "/namespaces/{namespace}" if kind.namespaced else ""
    collection = f"{root}{scope}/{kind.plural}"
    result = {
        collection: {
            "get": _operation(kind, "list"),
            "post": _operation(kind, "post"),
        },
        collection + "/{name}": {
            "get": _operation(kind, "get"),
            "put": _operation(kind, "put"),
            "patch": _operation(kind, "patch"),
            "delete": _operation(kind, "delete"),
        },
    }
    if kind.namespaced:
        result[f"{root}/{kind.plural}"] = {"get": _operation(kind, "list")}
    return result


def _operation(kind: Kind, action: str) -> Json:
    reference = {"schema": {"$ref": f"#/components/schemas/{_name(kind)}"}}
    answer = {"description": "OK", "content": {"application/json": reference}}
    operation: dict[str, Any] = {
        "description": f"{action} {kind.kind}",
        "operationId": f"{action}{kind.version}{kind.kind}",
        "responses": {"200": answer},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _gvk(kind),
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string"}}
            for name in _QUERY
        ],
    }
    # Strategic merge is left out on purpose: kubectl then takes the merge keys from
    # its own types, which know more than the open schemas of built-in kinds here.
    bodies = {"patch": (JSON_PATCH, MERGE, APPLY), "post": ("*/*",), "put": ("*/*",)}
    if action in bodies:
        content = dict.fromkeys(bodies[action], reference)
        operation["requestBody"] = {"content": content}
    return operation
