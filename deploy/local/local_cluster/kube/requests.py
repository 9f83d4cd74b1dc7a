"""What a request asks for: the path, the options, the body, read once and typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from local_cluster.kube.failures import bad_request
from local_cluster.kube.kinds import Kind
from local_cluster.kube.values import Json, Key, dig

__all__ = ["Deletion", "Path", "Target", "Writing", "read_path"]


@dataclass(frozen=True, slots=True)
class Path:
    """A resource path, before it is known whether it leads anywhere."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def read_path(path: str) -> Path | None:
    """Take a path apart; None when it is not one of a resource."""
    match path.strip("/").split("/"):
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            return None
    match rest:
        case ["namespaces", name, ("status" | "finalize") as door]:
            return Path(group, version, "namespaces", "", name, door)
        case ["namespaces", namespace, plural, *more] if len(more) <= 2:  # noqa: PLR2004
            return Path(group, version, plural, namespace, *more)
        case [plural, *more] if len(more) <= 2:  # noqa: PLR2004 - name, subresource
            return Path(group, version, plural, "", *more)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Target:
    """An object or a collection of a kind that is served."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def key(self) -> Key:
        """Where the store keeps the object."""
        return (self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Writing:
    """How a write is to be done."""

    dry_run: bool = False
    field_validation: str = "Warn"
    manager: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Read the options from the query."""
        return cls(
            dry_run=query.get("dryRun") == "All",
            field_validation=query.get("fieldValidation") or "Warn",
            manager=query.get("fieldManager", ""),
        )


@dataclass(frozen=True, slots=True)
class Deletion:
    """How a deletion is to be done."""

    grace_seconds: int | None = None
    policy: str = "Background"
    uid: str | None = None
    version: str | None = None
    dry_run: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], body: Any) -> Self:
        """Read the options from the body, else from the query."""
        options: Json = body if isinstance(body, dict) else {}
        grace = options.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
        policy = options.get("propagationPolicy") or query.get("propagationPolicy")
        if options.get("orphanDependents"):
            policy = "Orphan"
        if policy not in {None, "Background", "Foreground", "Orphan"}:
            raise bad_request(f'invalid propagationPolicy: "{policy}"')
        return cls(
            grace_seconds=None if grace is None else int(grace),
            policy=policy or "Background",
            uid=dig(options, "preconditions", "uid"),
            version=dig(options, "preconditions", "resourceVersion"),
            dry_run="All" in (options.get("dryRun") or [query.get("dryRun")]),
        )
