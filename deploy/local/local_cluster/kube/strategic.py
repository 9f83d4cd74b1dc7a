"""Strategic merge patches, which kubectl sends for built-in kinds."""

from typing import Any

from local_cluster.kube.values import Json, clone

__all__ = ["merge_strategically"]

_KEYS = {
    "conditions": ("type",),
    "containers": ("name",),
    "containerStatuses": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
    "secrets": ("name",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
"""By field name, what tells the items of a list apart."""

_SETS = {"finalizers"}
"""Lists of plain values that are merged, not replaced."""


def merge_strategically(target: Any, patch: Json) -> Json:
    """Merge a patch with its directives into `target`."""
    if patch.get("$patch") == "replace":
        return {key: clone(value) for key, value in patch.items() if key != "$patch"}
    result: Json = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            kept = [one for one in result.get(name) or () if one not in value]
            result[name] = kept
        elif key == "$retainKeys":
            for name in result.keys() - set(value):
                del result[name]
        elif value is None:
            result.pop(key, None)
        elif not key.startswith("$"):
            result[key] = _merge_field(key, result.get(key), value)
    return result


def _merge_field(name: str, target: Any, patch: Any) -> Any:
    if isinstance(patch, dict):
        return merge_strategically(target, patch)
    if isinstance(patch, list) and name in _KEYS:
        return _merge_items(_KEYS[name], list(target or ()), patch)
    if isinstance(patch, list) and name in _SETS:
        return [*(target or ()), *(one for one in patch if one not in (target or ()))]
    return clone(patch)


def _merge_items(keys: tuple[str, ...], target: list[Any], patch: list[Any]) -> Any:
    if {"$patch": "replace"} in patch:
        return [clone(item) for item in patch if item.get("$patch") != "replace"]
    for item in patch:
        index = _place(keys, target, item)
        if item.get("$patch") == "delete":
            if index is not None:
                del target[index]
        elif index is None:
            target.append(merge_strategically({}, item))
        else:
            target[index] = merge_strategically(target[index], item)
    return target


def _place(keys: tuple[str, ...], target: list[Any], item: Json) -> int | None:
    key = next((key for key in keys if key in item), None)
    for index, one in enumerate(target):
        if key is not None and one.get(key) == item[key]:
            return index
    return None
