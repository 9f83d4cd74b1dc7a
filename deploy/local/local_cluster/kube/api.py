"""The API itself, without HTTP: create, read, change and delete objects."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from local_cluster.kube import admission, crds, lifecycle, patches
from local_cluster.kube.deletion import Deleter
from local_cluster.kube.failures import (
    ApiError,
    Cause,
    already_exists,
    bad_request,
    denied,
    invalid,
    not_found,
    unsupported_media_type,
)
from local_cluster.kube.kinds import Kind
from local_cluster.kube.naming import generate
from local_cluster.kube.registry import Registry
from local_cluster.kube.requests import Target, Writing
from local_cluster.kube.store import Store
from local_cluster.kube.values import Json, clone, meta

__all__ = ["Api", "Review", "Written"]

Review: TypeAlias = Callable[[Json], str | None]
"""A validating webhook: why an object is refused, None when it is not."""


@dataclass(slots=True)
class Written:
    """What a write led to."""

    document: Json
    created: bool = False
    warnings: list[str] = field(default_factory=list)


class Api:
    """All verbs but list and watch; every call is atomic."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        clock: Callable[[], datetime],
        reviews: Mapping[str, Review],
    ) -> None:
        self.store = store
        self.registry = registry
        self.clock = clock
        self._reviews = reviews
        self.deleter = Deleter(store, registry, clock)
        self._applied: dict[tuple[str, str, str], Json] = {}

    def get(self, target: Target) -> Json:
        """Return an object, to be read only."""
        kind = target.kind
        found = self.store.get(kind.resource, target.key)
        if found is None:
            raise not_found(kind.group, kind.plural, target.name)
        return kind.identify(found)

    def create(self, target: Target, document: Json, how: Writing) -> Written:
        """Make an object; the document is taken over."""
        kind = target.kind
        lifecycle.check_type(kind, document)
        document, warnings = _prune(kind, document, how)
        target = self._name(target, meta(document))
        self._check_namespace(target)
        now = self.clock()
        lifecycle.born(target, document, now, str(uuid.uuid4()))
        if self.store.get(kind.resource, target.key) is not None:
            raise already_exists(kind.group, kind.plural, target.name)
        self._complete(kind, document, now)
        self._validate(target, document, None)
        if not how.dry_run:
            document = self.store.put(kind.resource, document)
        return Written(document, created=True, warnings=warnings)

    def replace(self, target: Target, document: Json, how: Writing) -> Written:
        """Replace an object, or one part of it through a subresource."""
        lifecycle.check_type(target.kind, document)
        document, warnings = _prune(target.kind, document, how)
        written = self._update(target, document, how, replaces=True)
        return Written(written, warnings=warnings)

    def patch(
        self, target: Target, media_type: str, change: Any, how: Writing
    ) -> Written:
        """Change an object in one of the four ways."""
        if media_type == patches.APPLY:
            return self._apply(target, change, how)
        accepted = [patches.JSON_PATCH, patches.MERGE, patches.APPLY]
        if not target.kind.custom:
            accepted.append(patches.STRATEGIC)
        if media_type not in accepted:
            raise unsupported_media_type(accepted)
        document = patches.patch(media_type, self.get(target), change)
        return self._store_patched(target, document, change, how)

    def _apply(self, target: Target, wanted: Any, how: Writing) -> Written:
        if not how.manager or not isinstance(wanted, dict):
            raise bad_request(
                "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value: is "
                "required for apply patch"
            )
        lifecycle.check_type(target.kind, wanted)
        old = self.store.get(target.kind.resource, target.key)
        if old is None:
            written = self.create(target, clone(wanted), how)
        else:
            mark = (meta(old)["uid"], how.manager, target.subresource)
            earlier = self._applied.get(mark)
            tree = target.kind.schema.tree
            document = patches.apply(target.kind.identify(old), wanted, earlier, tree)
            written = self._store_patched(target, document, wanted, how)
        if not how.dry_run:
            mark = (meta(written.document)["uid"], how.manager, target.subresource)
            self._applied[mark] = wanted
        return written

    def _store_patched(
        self, target: Target, document: Json, change: Any, how: Writing
    ) -> Written:
        try:
            document, warnings = _prune(target.kind, document, how)
        except ApiError as error:
            raise _strict_patch(change, error) from error
        document = self._update(target, document, how, replaces=False)
        return Written(document, warnings=warnings)

    def _update(
        self, target: Target, document: Json, how: Writing, *, replaces: bool
    ) -> Json:
        kind, old = target.kind, self.get(target)
        kind.schema.default(document)
        new = lifecycle.changed(target, old, document, replaces=replaces)
        if new is old:
            return old
        self._validate(target, new, old)
        if how.dry_run:
            return new
        if kind.resource == crds.CRDS:
            new = clone(new)
            crds.complete(new, self.clock())
        return kind.identify(self.deleter.put(kind, new))

    def _complete(self, kind: Kind, document: Json, now: datetime) -> None:
        kind.schema.default(document)
        if kind.resource == crds.CRDS:
            crds.complete(document, now)
        elif not kind.custom:
            admission.complete(kind.kind, document)

    def _validate(self, target: Target, document: Json, old: Json | None) -> None:
        kind = target.kind
        if kind.resource == crds.CRDS:
            causes = crds.check(document)
        elif kind.custom:
            causes = kind.schema.validate(document, old)
        elif old is None:
            causes = admission.check(kind.kind, document)
        else:
            causes = []
        lifecycle.refuse(kind, target.name, causes)
        review = None if target.subresource else self._reviews.get(kind.resource)
        refusal = review(document) if review else None
        if refusal:
            raise denied(refusal)

    def _name(self, target: Target, about: Json) -> Target:
        name = about.get("name") or target.name
        if not name and about.get("generateName"):
            name = generate(about["generateName"])
        if not name:
            told = Cause(
                "metadata.name",
                "Required value: name or generateName is required",
                "FieldValueRequired",
            )
            lifecycle.refuse(target.kind, "", [told])
        return Target(target.kind, target.namespace, name)

    def _check_namespace(self, target: Target) -> None:
        if not target.kind.namespaced:
            return
        namespace = self.store.get("namespaces", ("", target.namespace))
        if namespace is None:
            raise not_found("", "namespaces", target.namespace)
        if meta(namespace).get("deletionTimestamp"):
            raise lifecycle.terminating(namespace, target)


def _prune(kind: Kind, document: Json, how: Writing) -> tuple[Json, list[str]]:
    """Drop unknown fields: silently, with warnings, or not without a refusal."""
    kept, dropped = kind.schema.prune(document)
    told = [f'unknown field "{path}"' for path in dropped]
    if told and how.field_validation == "Strict":
        raise bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a '
            f"{kind.kind}: strict decoding error: {', '.join(told)}"
        )
    return kept, told if how.field_validation == "Warn" else []


def _strict_patch(change: Any, error: ApiError) -> ApiError:
    why = error.message.partition("strict decoding error: ")[2]
    shown = json.dumps(change)
    told = f"Invalid value: {shown}: strict decoding error: {why}"
    return invalid("", "", "", [Cause("patch", told)])
