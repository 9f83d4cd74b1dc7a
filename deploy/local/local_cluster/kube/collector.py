"""Collects what is left behind: dependents of owners gone, ends of namespaces, CRDs."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from local_cluster.kube.crds import CRDS, kinds_of
from local_cluster.kube.deletion import Deleter
from local_cluster.kube.failures import ApiError, not_found
from local_cluster.kube.registry import Registry
from local_cluster.kube.requests import Deletion, Target
from local_cluster.kube.store import Change, Store
from local_cluster.kube.values import Json, Key, dig, meta

__all__ = ["Collector"]

_FOREGROUND = "foregroundDeletion"
_ORPHAN = "orphan"


class Collector:
    """What the controller manager of a real cluster does about deletion."""

    def __init__(self, store: Store, registry: Registry, deleter: Deleter) -> None:
        self._store = store
        self._registry = registry
        self._deleter = deleter
        self._dependents: dict[str, set[tuple[str, Key]]] = {}
        self._queue: asyncio.Queue[tuple[str, Change]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        store.listen(self._follow)

    def start(self) -> None:
        """Look at everything once, then at what changes."""
        self._dependents.clear()
        self._queue = asyncio.Queue()
        for resource in self._store.resources():
            for document in self._store.all(resource):
                self._follow(resource, Change("ADDED", 0, document))
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Collect no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _follow(self, resource: str, change: Change) -> None:
        """Note what a change may call for; the write itself is not delayed."""
        document = change.document
        place = (resource, _key(document))
        for uid in _owner_uids(change.before or {}) | _owner_uids(document):
            self._dependents.setdefault(uid, set()).add(place)
        about = meta(document)
        if (
            change.type == "DELETED"
            or about.get("deletionTimestamp")
            or (about.get("ownerReferences") and change.type == "ADDED")
        ):
            self._queue.put_nowait((resource, change))

    async def _run(self) -> None:
        while True:
            resource, change = await self._queue.get()
            with suppress(ConnectionAbortedError):  # stopped in the middle of it
                self._collect(resource, change)

    def _collect(self, resource: str, change: Change) -> None:
        document, about = change.document, meta(change.document)
        if change.type == "DELETED":
            for place in self._dependents.pop(about["uid"], set()):
                self._check_owners(*place)
            self._look_up(document)
        elif about.get("deletionTimestamp"):
            self._proceed(resource, _key(document))
        else:
            self._check_owners(resource, _key(document))

    def _look_up(self, gone: Json) -> None:
        """Go on with what may have waited for this object to be gone."""
        about = meta(gone)
        if about.get("namespace"):
            self._proceed("namespaces", ("", about["namespace"]))
        kind = self._registry.find_kind(gone["apiVersion"], gone["kind"])
        if kind is not None and kind.custom:
            self._proceed(CRDS, ("", kind.resource))
        for owner in about.get("ownerReferences") or ():
            place = self._owner_place(owner, about.get("namespace", ""))
            if place is not None:
                self._proceed(*place)

    def _check_owners(self, resource: str, key: Key) -> None:
        """Delete an object all of whose owners are gone."""
        document = self._store.get(resource, key)
        owners = meta(document).get("ownerReferences") if document else None
        if not owners or any(self._owner(owner, key[0]) for owner in owners):
            return
        self._delete(resource, key, uid=meta(document or {})["uid"])

    def _owner_place(self, owner: Json, namespace: str) -> tuple[str, Key] | None:
        kind = self._registry.find_kind(owner["apiVersion"], owner["kind"])
        if kind is None:
            return None
        return kind.resource, (namespace if kind.namespaced else "", owner["name"])

    def _owner(self, owner: Json, namespace: str) -> Json | None:
        place = self._owner_place(owner, namespace)
        found = self._store.get(*place) if place else None
        return found if found and meta(found)["uid"] == owner["uid"] else None

    def _proceed(self, resource: str, key: Key) -> None:
        """Take the next step of a deletion that waits for others."""
        document = self._store.get(resource, key)
        if document is None or not meta(document).get("deletionTimestamp"):
            return
        finalizers = meta(document).get("finalizers") or ()
        if resource == "namespaces":
            self._empty_namespace(document)
        elif resource == CRDS:
            self._empty_definition(document)
        elif _FOREGROUND in finalizers:
            self._delete_dependents(resource, document)
        elif _ORPHAN in finalizers:
            self._orphan_dependents(resource, document)

    def _empty_namespace(self, namespace: Json) -> None:
        name = meta(namespace)["name"]
        left = [
            (resource, _key(document))
            for resource in self._store.resources()
            for document in self._store.all(resource, name)
        ]
        for place in left:
            self._delete(*place)
        if not left:
            spec = {**namespace.get("spec", {}), "finalizers": []}
            self._put("namespaces", {**namespace, "spec": spec})

    def _empty_definition(self, definition: Json) -> None:
        resource = kinds_of(definition)[0].resource
        left = [_key(document) for document in self._store.all(resource)]
        for key in left:
            self._delete(resource, key)
        if not left:
            self._store.end_feeds(not_found("", resource, ""), resource)
            self._put(CRDS, _without(definition, "customresourcecleanup."))

    def _delete_dependents(self, resource: str, owner: Json) -> None:
        blocked = False
        for place, document, reference in self._owned(owner):
            blocked |= bool(reference.get("blockOwnerDeletion"))
            if not meta(document).get("deletionTimestamp"):
                self._delete(*place, policy="Foreground")
        if not blocked:
            self._put(resource, _without(owner, _FOREGROUND))

    def _orphan_dependents(self, resource: str, owner: Json) -> None:
        for (of, _), document, reference in list(self._owned(owner)):
            about = dict(meta(document))
            kept = [one for one in about["ownerReferences"] if one != reference]
            about["ownerReferences"] = kept
            self._put(of, {**document, "metadata": about})
        self._put(resource, _without(owner, _ORPHAN))

    def _owned(self, owner: Json) -> Iterator[tuple[tuple[str, Key], Json, Json]]:
        uid = meta(owner)["uid"]
        for place in sorted(self._dependents.get(uid, ())):
            document = self._store.get(*place)
            for reference in meta(document or {}).get("ownerReferences") or ():
                if document and reference["uid"] == uid:
                    yield place, document, reference

    def _delete(
        self, resource: str, key: Key, policy: str = "Background", uid: str = ""
    ) -> None:
        kind = self._registry.by_resource(resource)
        if kind is not None:
            with suppress(ApiError):
                target = Target(kind, *key)
                self._deleter.delete(target, Deletion(policy=policy, uid=uid))

    def _put(self, resource: str, document: Json) -> None:
        kind = self._registry.by_resource(resource)
        if kind is not None:
            about = dict(meta(document))
            self._deleter.put(kind, {**document, "metadata": about})


def _key(document: Json) -> Key:
    about = meta(document)
    return about.get("namespace", ""), about["name"]


def _owner_uids(document: Json) -> set[str]:
    owners = dig(document, "metadata", "ownerReferences") or ()
    return {owner["uid"] for owner in owners}


def _without(document: Json, finalizer: str) -> Json:
    about = dict(meta(document))
    kept = [one for one in about["finalizers"] if not one.startswith(finalizer)]
    about["finalizers"] = kept
    return {**document, "metadata": about}
