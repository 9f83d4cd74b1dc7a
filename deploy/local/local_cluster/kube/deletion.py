"""Deleting: grace, finalizers, namespaces, definitions, and what has lost its owner."""

from collections.abc import Callable
from datetime import datetime

from local_cluster.kube import lifecycle
from local_cluster.kube.crds import CRDS
from local_cluster.kube.failures import bad_request, not_found, success, unmet
from local_cluster.kube.kinds import Kind
from local_cluster.kube.registry import Registry
from local_cluster.kube.requests import Deletion, Target
from local_cluster.kube.store import Store
from local_cluster.kube.values import Json, dig, meta

__all__ = ["Deleter"]

_FOREGROUND = "foregroundDeletion"
_CRD_CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_POLICY_FINALIZERS = {"Foreground": _FOREGROUND, "Orphan": "orphan"}
_DEFAULT_GRACE_SECONDS = 30
_DONE = ("Succeeded", "Failed")


class Deleter:
    """Takes objects out of the store, at once or when nothing keeps them."""

    def __init__(
        self, store: Store, registry: Registry, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock

    def delete(self, target: Target, how: Deletion) -> Json:
        """Delete an object; answer with it, or with success when it is gone."""
        kind = target.kind
        old = self._store.get(kind.resource, target.key)
        if old is None:
            raise not_found(kind.group, kind.plural, target.name)
        self._check(target, old, how)
        new = self._mark(kind, old, how)
        if how.dry_run:
            return kind.identify(new)
        if not lifecycle.ended(new):
            return kind.identify(new if new == old else self.put(kind, new))
        gone = self._store.remove(kind.resource, target.key)
        if kind.kind == "Pod":
            return gone
        return success(target.name, kind.group, kind.plural, meta(gone)["uid"])

    def put(self, kind: Kind, document: Json) -> Json:
        """Write an object, or take it out when this write ends its deletion."""
        if not lifecycle.ended(document):
            return self._store.put(kind.resource, document)
        about = meta(document)
        key = (about.get("namespace", ""), about["name"])
        return self._store.remove(kind.resource, key)

    def _check(self, target: Target, old: Json, how: Deletion) -> None:
        kind, about = target.kind, meta(old)
        for name, wanted, found, why in (
            ("UID", how.uid, about["uid"], "deleted and then recreated"),
            ("ResourceVersion", how.version, about["resourceVersion"], "modified"),
        ):
            if wanted and wanted != found:
                told = (
                    f"the {name} in the precondition ({wanted}) does not match the "
                    f"{name} in record ({found}). The object might have been {why}"
                )
                raise unmet(kind.group, kind.kind, target.name, told)
        if kind.kind == "Namespace" and target.name in {"default", "kube-system"}:
            raise bad_request(f'this namespace may not be deleted: "{target.name}"')

    def _mark(self, kind: Kind, old: Json, how: Deletion) -> Json:
        new = lifecycle.marked(old, self._clock(), _grace(kind, old, how))
        about = meta(new)
        finalizers = list(about.get("finalizers") or ())
        policy = _POLICY_FINALIZERS.get(how.policy)
        if policy and policy not in finalizers:
            finalizers.append(policy)
        if kind.resource == CRDS and _CRD_CLEANUP not in finalizers:
            finalizers.append(_CRD_CLEANUP)
        if finalizers:
            about["finalizers"] = finalizers
        if kind.kind == "Namespace":
            new["status"] = {**(new.get("status") or {}), "phase": "Terminating"}
        return new


def _grace(kind: Kind, document: Json, how: Deletion) -> int:
    """Only pods that run somewhere get time to stop."""
    if kind.kind != "Pod" or not dig(document, "spec", "nodeName"):
        return 0
    if dig(document, "status", "phase") in _DONE:
        return 0
    if how.grace_seconds is not None:
        return how.grace_seconds
    own = dig(document, "spec", "terminationGracePeriodSeconds")
    return _DEFAULT_GRACE_SECONDS if own is None else int(own)
