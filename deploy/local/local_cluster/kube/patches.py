"""The four ways to patch an object: JSON, merge, strategic merge, and apply."""

from typing import Any

import jsonpatch
import jsonpointer

from local_cluster.kube.failures import ApiError, bad_request
from local_cluster.kube.strategic import merge_strategically
from local_cluster.kube.values import Json, clone

__all__ = ["APPLY", "JSON_PATCH", "MERGE", "STRATEGIC", "apply", "merge", "patch"]

JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def patch(media_type: str, document: Json, change: Any) -> Json:
    """Return the patched document; the given one stays as it is.

    Raises:
        ApiError: 422 for a JSON patch that does not fit, 400 for no patch at all.
    """
    if media_type == JSON_PATCH:
        return _json_patch(document, change)
    if not isinstance(change, dict):
        raise bad_request("the patch must be an object")
    if media_type == STRATEGIC:
        return merge_strategically(clone(document), change)
    patched = merge(clone(document), change)
    assert isinstance(patched, dict)  # noqa: S101 - a dict merged into a dict
    return patched


def merge(target: Any, change: Any) -> Any:
    """Merge as RFC 7386 says, into `target`: null removes."""
    if not isinstance(change, dict):
        return clone(change)
    result = target if isinstance(target, dict) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def apply(document: Any, wanted: Any, earlier: Any, schema: Json) -> Any:
    """Apply a configuration: set what it says, remove what it no longer says.

    `earlier` is what the same manager applied before. Lists whose schema names keys
    are merged item by item, all others are replaced.
    """
    if isinstance(wanted, dict):
        return _apply_fields(document, wanted, earlier, schema)
    keys = schema.get("x-kubernetes-list-map-keys")
    if isinstance(wanted, list) and keys:
        return _apply_items(document, wanted, earlier, schema, keys)
    return clone(wanted)


def _apply_fields(document: Any, wanted: Json, earlier: Any, schema: Json) -> Json:
    result = dict(document) if isinstance(document, dict) else {}
    before = earlier if isinstance(earlier, dict) else {}
    for name in before.keys() - wanted.keys():
        result.pop(name, None)
    known = schema.get("properties") or {}
    other = schema.get("additionalProperties")
    other = other if isinstance(other, dict) else {}
    for name, value in wanted.items():
        inner = known.get(name, other)
        result[name] = apply(result.get(name), value, before.get(name), inner)
    return result


def _apply_items(
    document: Any, wanted: list[Any], earlier: Any, schema: Json, keys: list[str]
) -> list[Any]:
    items = schema.get("items") or {}
    result = _by_key(document, keys)
    before = _by_key(earlier, keys)
    named = _by_key(wanted, keys)
    for key in before.keys() - named.keys():
        result.pop(key, None)
    for key, value in named.items():
        result[key] = apply(result.get(key), value, before.get(key), items)
    return list(result.values())


def _by_key(items: Any, keys: list[str]) -> dict[tuple[Any, ...], Any]:
    found = items if isinstance(items, list) else []
    return {tuple(item.get(key) for key in keys): item for item in found}


def _json_patch(document: Json, change: Any) -> Json:
    try:
        patched = jsonpatch.apply_patch(document, change, in_place=False)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        raise _unprocessable(str(error)) from error
    except (TypeError, KeyError, AttributeError) as error:
        raise bad_request(f"error decoding patch: {error}") from error
    if not isinstance(patched, dict):
        raise bad_request("the patch must leave an object")
    return patched


def _unprocessable(why: str) -> ApiError:
    return ApiError(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
        {"causes": [{"reason": "UnexpectedServerResponse", "message": why}]},
    )
