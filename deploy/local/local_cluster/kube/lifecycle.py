"""How an object's metadata moves through its life, as values: made, changed, marked."""

import json
from datetime import datetime, timedelta
from typing import Any

from local_cluster.kube.failures import (
    ApiError,
    Cause,
    bad_request,
    conflict,
    forbidden,
    invalid,
)
from local_cluster.kube.kinds import Kind
from local_cluster.kube.naming import check_labels, check_name
from local_cluster.kube.requests import Target
from local_cluster.kube.values import Json, dig, labels_of, meta, stamp

__all__ = ["born", "changed", "check_type", "ended", "marked", "refuse", "terminating"]

_FIXED = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "name",
    "namespace",
    "generateName",
)
"""What only the server may set."""


def refuse(kind: Kind, name: str, causes: list[Cause]) -> None:
    """Refuse an object for these causes, if any."""
    if causes:
        raise invalid(kind.group, kind.kind, name, causes)


def check_type(kind: Kind, document: Json) -> None:
    """Check that a body is of the kind that its path says; complete it if silent."""
    version, name = document.get("apiVersion"), document.get("kind")
    if kind.custom:
        _check_custom_type(kind, document)
    elif version not in {None, kind.api_version}:
        raise bad_request(
            f'{name} in version "{version}" cannot be handled as a {kind.kind}: no kind'
            f' "{name}" is registered for version "{version}" in scheme '
            '"pkg/runtime/scheme.go:110"'
        )
    elif name not in {None, kind.kind}:
        raise bad_request(
            f'{name} in version "{kind.version}" cannot be handled as a {kind.kind}'
        )
    document |= {"apiVersion": kind.api_version, "kind": kind.kind}


def _check_custom_type(kind: Kind, document: Json) -> None:
    """Custom resources must say what they are; the server knows no type for them."""
    for field in ("kind", "apiVersion"):
        if not document.get(field):
            raise bad_request(
                f"the object provided is unrecognized (must be of type {kind.kind}): "
                f"Object '{field.capitalize()}' is missing in '{json.dumps(document)}'"
            )
    version, name = document["apiVersion"], document["kind"]
    if version != kind.api_version:
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API "
            f"version ({kind.api_version})"
        )
    if name != kind.kind:
        told = f'Invalid value: "{name}": must be {kind.kind}'
        causes = [Cause("kind", told)]
        raise invalid(kind.group, name, meta(document).get("name", ""), causes)


def born(target: Target, document: Json, now: datetime, uid: str) -> None:
    """Make a body into a new object, in place."""
    kind, given = target.kind, meta(document)
    namespace = given.get("namespace") or target.namespace
    if kind.namespaced and namespace != target.namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on "
            "the request"
        )
    if given.get("resourceVersion"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    about = {key: value for key, value in given.items() if value not in (None, {}, [])}
    for key in (*_FIXED[:5], "managedFields", "selfLink"):
        about.pop(key, None)
    about |= {"name": target.name, "uid": uid, "creationTimestamp": stamp(now)}
    if kind.namespaced:
        about["namespace"] = target.namespace
    if kind.counts_generations:
        about["generation"] = 1
    document["metadata"] = about
    if kind.has_status and kind.custom:
        document.pop("status", None)
    refuse(
        kind,
        target.name,
        [*check_name(kind.name_rule, target.name), *check_labels(labels_of(document))],
    )


def changed(target: Target, old: Json, new: Json, *, replaces: bool) -> Json:
    """Return the object after an update; `old` itself when nothing would change.

    Raises:
        ApiError: 409 for a stale resource version or another uid.
    """
    kind, before, given = target.kind, meta(old), meta(new)
    _check_identity(target, before, given, replaces=replaces)
    if target.subresource:
        result = {**old, "status": new.get("status")}
        if result["status"] is None:
            result.pop("status")
        about = dict(before)
    else:
        result = {**new}
        about = _metadata(before, given)
        if kind.has_status:
            result.pop("status", None)
            result |= {"status": old["status"]} if "status" in old else {}
    about["resourceVersion"] = before["resourceVersion"]
    result["metadata"] = about
    if not target.subresource:
        _check_finalizers(target, before, about)
        if kind.counts_generations and _desired(kind, old) != _desired(kind, result):
            about["generation"] = before.get("generation", 0) + 1
    return old if result == old else result


def _check_identity(
    target: Target, before: Json, given: Json, *, replaces: bool
) -> None:
    kind, name = target.kind, target.name
    for field, mine in (("name", name), ("namespace", target.namespace)):
        if given.get(field, mine) != mine:
            raise bad_request(
                f"the {field} of the object ({given[field]}) does not match the "
                f"{field} on the URL ({mine})"
            )
    uid, version = given.get("uid"), given.get("resourceVersion")
    if uid and uid != before["uid"]:
        _refuse_uid(target, before["uid"], uid, replaces=replaces)
    if version and version != before["resourceVersion"]:
        raise conflict(kind.group, kind.plural, name)
    if replaces and not version and not kind.unconditional_update:
        told = "Invalid value: 0x0: must be specified for an update"
        refuse(kind, name, [Cause("metadata.resourceVersion", told)])


def _refuse_uid(target: Target, before: str, given: str, *, replaces: bool) -> None:
    kind, name = target.kind, target.name
    if replaces:
        why = f"UID in precondition: {given}, UID in object meta: {before}"
        raise conflict(kind.group, kind.plural, name, f"Precondition failed: {why}")
    if not (kind.custom and target.subresource):  # that door keeps all metadata
        told = f'Invalid value: "{given}": field is immutable'
        refuse(kind, name, [Cause("metadata.uid", told)])


def _metadata(before: Json, given: Json) -> Json:
    about = {key: value for key, value in given.items() if value not in (None, {}, [])}
    about.pop("managedFields", None)
    about.pop("selfLink", None)
    for field in _FIXED:
        about.pop(field, None)
        if field in before:
            about[field] = before[field]
    return about


def _check_finalizers(target: Target, before: Json, about: Json) -> None:
    if not before.get("deletionTimestamp"):
        return
    known = before.get("finalizers") or ()
    fresh = [one for one in about.get("finalizers") or () if one not in known]
    if fresh:
        quoted = ", ".join(f'"{one}"' for one in fresh)
        told = (
            "Forbidden: no new finalizers can be added if the object is being deleted, "
            f"found new finalizers []string{{{quoted}}}"
        )
        cause = Cause("metadata.finalizers", told, "FieldValueForbidden")
        refuse(target.kind, target.name, [cause])


def _desired(kind: Kind, document: Json) -> dict[str, Any]:
    left_out = {"metadata", "status"} if kind.has_status else {"metadata"}
    return {key: value for key, value in document.items() if key not in left_out}


def marked(document: Json, now: datetime, grace_seconds: int) -> Json:
    """Return the object as one that is being deleted, and gone after the grace.

    Asked again, it may be gone sooner than was said, and never later.
    """
    about = dict(meta(document))
    grace = timedelta(seconds=grace_seconds)
    if "deletionTimestamp" not in about:
        about["deletionTimestamp"] = stamp(now + grace)
        about["deletionGracePeriodSeconds"] = grace_seconds
        if "generation" in about:
            about["generation"] += 1
    elif grace_seconds < (before := about["deletionGracePeriodSeconds"]):
        end = datetime.fromisoformat(about["deletionTimestamp"])
        sooner = end - timedelta(seconds=before) + grace
        about["deletionTimestamp"] = stamp(max(now, sooner))
        about["deletionGracePeriodSeconds"] = grace_seconds
    return {**document, "metadata": about}


def ended(document: Json) -> bool:
    """Say whether nothing keeps an object any more that is being deleted."""
    about = meta(document)
    return bool(
        about.get("deletionTimestamp")
        and not about.get("finalizers")
        and not about.get("deletionGracePeriodSeconds")
        and not dig(document, "spec", "finalizers")
    )


def terminating(namespace: Json, target: Target) -> ApiError:
    """Refuse what would be made in a namespace that is going."""
    name = meta(namespace)["name"]
    why = f"unable to create new content in namespace {name} because it is being "
    kind = target.kind
    return forbidden(kind.group, kind.plural, target.name, why + "terminated")
