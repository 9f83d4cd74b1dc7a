"""Finds what a container needs from the API before it can be set up."""

from collections.abc import Iterator

from local_cluster.kube.values import Json

__all__ = ["references"]


def references(pod: Json, container: Json) -> set[tuple[str, str]]:
    """Return the secrets and config maps, by plural and name."""
    return {*_of_variables(container), *_of_volumes(pod["spec"])}


def _of_variables(container: Json) -> Iterator[tuple[str, str]]:
    entries = [one.get("valueFrom") or {} for one in container.get("env") or ()]
    for entry in (*entries, *(container.get("envFrom") or ())):
        for door in ("secretKeyRef", "secretRef"):
            if door in entry:
                yield "secrets", entry[door]["name"]
        for door in ("configMapKeyRef", "configMapRef"):
            if door in entry:
                yield "configmaps", entry[door]["name"]


def _of_volumes(spec: Json) -> Iterator[tuple[str, str]]:
    for volume in spec.get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            if "secret" in source:
                wanted = source["secret"]
                yield "secrets", wanted.get("secretName") or wanted.get("name")
            if "configMap" in source:
                yield "configmaps", source["configMap"]["name"]
