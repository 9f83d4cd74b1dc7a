"""Which kinds are served right now: the built-in ones and those that CRDs define."""

from collections.abc import Iterable

from local_cluster.kube.crds import CRDS, kinds_of
from local_cluster.kube.kinds import BUILT_INS, Kind
from local_cluster.kube.store import Change, Store
from local_cluster.kube.values import meta

__all__ = ["Registry"]


class Registry:
    """All kinds, kept up to date with the definitions in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._custom: dict[str, list[Kind]] = {}
        store.listen(self._follow)

    def open(self) -> None:
        """Serve what the definitions in the store define."""
        self._custom = {
            meta(document)["name"]: kinds_of(document)
            for document in self._store.all(CRDS)
        }

    def kinds(self) -> Iterable[Kind]:
        """Return every kind served, best-known first."""
        yield from BUILT_INS
        for kinds in self._custom.values():
            yield from (kind for kind in kinds if kind.served)

    def groups(self) -> dict[str, dict[str, list[Kind]]]:
        """Return the kinds by group and version; the core group is ""."""
        found: dict[str, dict[str, list[Kind]]] = {}
        for kind in self.kinds():
            found.setdefault(kind.group, {}).setdefault(kind.version, []).append(kind)
        return found

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """Return the kind at a path."""
        for kind in self._candidates(f"{plural}.{group}" if group else plural):
            if (kind.group, kind.version, kind.plural) == (group, version, plural):
                return kind
        return None

    def find_kind(self, api_version: str, kind: str) -> Kind | None:
        """Return the kind that an object or a reference names."""
        group, _, _ = api_version.rpartition("/")
        for one in self.kinds():
            if one.group == group and one.kind == kind:
                return one
        return None

    def by_resource(self, resource: str) -> Kind | None:
        """Return the storage version of a resource."""
        return next((one for one in self._candidates(resource) if one.storage), None)

    def _candidates(self, resource: str) -> Iterable[Kind]:
        if resource in self._custom:
            return (kind for kind in self._custom[resource] if kind.served)
        return (kind for kind in BUILT_INS if kind.resource == resource)

    def _follow(self, resource: str, change: Change) -> None:
        if resource != CRDS:
            return
        name = meta(change.document)["name"]
        if change.type == "DELETED":
            self._custom.pop(name, None)
        elif _spec(change.before) != _spec(change.document):
            self._custom[name] = kinds_of(change.document)


def _spec(document: object) -> object:
    return document.get("spec") if isinstance(document, dict) else None
