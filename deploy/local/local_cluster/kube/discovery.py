"""Tells clients what is served here: versions, groups, resources, in both formats."""

from collections.abc import Iterable

from local_cluster.kube.kinds import Kind
from local_cluster.kube.registry import Registry
from local_cluster.kube.values import Json

__all__ = [
    "AGGREGATED",
    "VERSION",
    "aggregated",
    "group",
    "groups",
    "resources",
    "versions",
]


AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

VERSION: Json = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.4",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2026-02-10T00:00:00Z",
    "goVersion": "go1.24.0",
    "compiler": "gc",
    "platform": "linux/amd64",
}

_VERBS = [
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
]  # fmt: skip
_STATUS_VERBS = ["get", "patch", "update"]
_CREATED = {"binding": ("", "Binding"), "eviction": ("policy", "Eviction")}


def versions(address: str) -> Json:
    """Answer /api."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [
            {"clientCIDR": "0.0.0.0/0", "serverAddress": address}
        ],
    }


def groups(registry: Registry) -> Json:
    """Answer /apis."""
    found = [
        _group(name, list(by_version))
        for name, by_version in registry.groups().items()
        if name
    ]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def _group(name: str, names: list[str]) -> Json:
    entries = [{"groupVersion": f"{name}/{one}", "version": one} for one in names]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def group(registry: Registry, name: str) -> Json | None:
    """Answer /apis/GROUP."""
    found = registry.groups().get(name)
    if not found or not name:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, list(found))}


def resources(registry: Registry, name: str, version: str) -> Json | None:
    """Answer /api/v1 and /apis/GROUP/VERSION."""
    kinds = registry.groups().get(name, {}).get(version)
    if kinds is None:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{name}/{version}" if name else version,
        "resources": [entry for kind in kinds for entry in _entries(kind)],
    }


def _entries(kind: Kind) -> Iterable[Json]:
    common = {"namespaced": kind.namespaced, "kind": kind.kind}
    entry = {
        "name": kind.plural,
        "singularName": kind.singular,
        **common,
        "verbs": _VERBS,
        "storageVersionHash": f"{kind.kind}{kind.version}=",
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    yield entry
    for door in sorted(kind.subresources):
        verbs, (_, of) = _door(kind, door)
        yield {
            "name": f"{kind.plural}/{door}",
            "singularName": "",
            **common,
            "kind": of,
            "verbs": verbs,
        }


def _door(kind: Kind, name: str) -> tuple[list[str], tuple[str, str]]:
    if name in _CREATED:
        return ["create"], _CREATED[name]
    return (["get"] if name == "log" else _STATUS_VERBS), (kind.group, kind.kind)


def aggregated(registry: Registry, *, core: bool) -> Json:
    """Answer /api or /apis in the format that needs no further questions."""
    items = [
        {
            "metadata": {"name": name, "creationTimestamp": None} if name else {},
            "versions": [
                _aggregate(version, kinds) for version, kinds in by_version.items()
            ],
        }
        for name, by_version in registry.groups().items()
        if core is (name == "")
    ]
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _aggregate(version: str, kinds: list[Kind]) -> Json:
    return {
        "version": version,
        "freshness": "Current",
        "resources": [_describe(kind) for kind in kinds],
    }


def _describe(kind: Kind) -> Json:
    own = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    entry: Json = {
        "resource": kind.plural,
        "responseKind": own,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": _VERBS,
    }
    if kind.short_names:
        entry["shortNames"] = list(kind.short_names)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    doors = [
        {"subresource": door, "verbs": _door(kind, door)[0], "responseKind": own}
        for door in sorted(kind.subresources)
    ]
    return entry | ({"subresources": doors} if doors else {})
