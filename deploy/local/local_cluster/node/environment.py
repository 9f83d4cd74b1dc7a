"""What a container finds around it: its variables, and its volumes as folders."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from local_cluster.kube.values import Json, dig, meta
from local_cluster.node.images import Image

__all__ = ["Lookup", "Mounts", "SetupError", "command_of", "mount", "variables"]

Lookup: TypeAlias = Callable[[str, str], Json | None]
"""Finds ("secrets", name) or ("configmaps", name) in the pod's namespace."""

Mounts: TypeAlias = Mapping[str, Path]
"""Where each mountPath really is."""

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class SetupError(Exception):
    """A container cannot be set up until something else exists."""


@dataclass(frozen=True, slots=True)
class _Source:
    plural: str
    kind: str


_SOURCES = {
    "secretKeyRef": _Source("secrets", "secret"),
    "configMapKeyRef": _Source("configmaps", "configmap"),
    "secretRef": _Source("secrets", "secret"),
    "configMapRef": _Source("configmaps", "configmap"),
}


def mount(
    pod: Json, container: Json, place_of: Callable[[Json], Path], look_up: Lookup
) -> dict[str, Path]:
    """Make a pod's volumes into folders, and say where the container sees them."""
    volumes = {one["name"]: one for one in pod["spec"].get("volumes") or ()}
    found = {}
    for entry in container.get("volumeMounts") or ():
        volume = volumes[entry["name"]]
        place = place_of(volume)
        place.mkdir(parents=True, exist_ok=True)
        for name, content in _contents(volume, look_up):
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # Read-only for whoever wrote it too, such as the container before.
            path.unlink(missing_ok=True)
            path.write_bytes(content)
            path.chmod(0o400 if "secret" in volume else 0o444)
        target = entry["mountPath"].rstrip("/")
        found[target] = place / entry.get("subPath", "")
    return found


def _contents(volume: Json, look_up: Lookup) -> Iterator[tuple[str, bytes]]:
    for entry in dig(volume, "projected", "sources") or ():
        yield from _contents(entry, look_up)
    for field, plural in (("secret", "secrets"), ("configMap", "configmaps")):
        source = volume.get(field)
        if source is None:
            continue
        name = source.get("secretName") or source.get("name", "")
        data = _data(plural, name, look_up, optional=source.get("optional"))
        paths = {one["key"]: one["path"] for one in source.get("items") or ()}
        for key, value in data.items():
            if not paths or key in paths:
                yield paths.get(key, key), value


def _data(
    plural: str, name: str, look_up: Lookup, *, optional: bool | None
) -> dict[str, bytes]:
    found = look_up(plural, name)
    if found is None:
        if optional:
            return {}
        raise SetupError(f'{plural.removesuffix("s")} "{name}" not found')
    data = found.get("data") or {}
    binary = found.get("binaryData") or {}
    if plural == "secrets":
        data, binary = {}, data
    text = {key: value.encode() for key, value in data.items()}
    return text | {key: base64.b64decode(value) for key, value in binary.items()}


def variables(
    pod: Json, container: Json, image: Image, mounts: Mounts, look_up: Lookup
) -> dict[str, str]:
    """Return a container's environment, paths of volumes made real."""
    found = {"PATH": _PATH, **image.env}
    for entry in container.get("envFrom") or ():
        found |= _all_from(entry, look_up)
    for entry in container.get("env") or ():
        value = _value(entry, pod, look_up)
        if value is not None:
            found[entry["name"]] = _real(_expand(value, found), mounts)
    return found


def command_of(
    container: Json, image: Image, env: Mapping[str, str], mounts: Mounts
) -> list[str]:
    """Return the command line: the container's own words win over the image's.

    Those of the image are places on this machine already, also where a volume
    seems to cover them: a checkout below /tmp, say.
    """
    command, args = container.get("command") or (), container.get("args") or ()
    first = () if command else image.entrypoint
    return [*first, *(_real(_expand(word, env), mounts) for word in (*command, *args))]


def _all_from(entry: Json, look_up: Lookup) -> dict[str, str]:
    prefix = entry.get("prefix", "")
    for field, source in _SOURCES.items():
        if field in entry:
            wanted = entry[field]
            data = _data(
                source.plural, wanted["name"], look_up, optional=wanted.get("optional")
            )
            return {prefix + key: value.decode() for key, value in data.items()}
    return {}


def _value(entry: Json, pod: Json, look_up: Lookup) -> str | None:
    origin = entry.get("valueFrom")
    if not origin:
        return str(entry.get("value", ""))
    if "fieldRef" in origin:
        return _field(pod, origin["fieldRef"]["fieldPath"])
    for field, source in _SOURCES.items():
        if field in origin:
            wanted = origin[field]
            optional = wanted.get("optional")
            data = _data(source.plural, wanted["name"], look_up, optional=optional)
            if wanted["key"] in data:
                return data[wanted["key"]].decode()
            if not optional:
                told = f"couldn't find key {wanted['key']} in {source.kind}"
                raise SetupError(f"{told} {meta(pod)['namespace']}/{wanted['name']}")
    return None


def _field(pod: Json, path: str) -> str:
    found = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if found:
        return str((meta(pod).get(found[1]) or {}).get(found[2], ""))
    value = dig(pod, *path.split("."))
    return "" if value is None else str(value)


def _expand(text: str, env: Mapping[str, str]) -> str:
    """Replace $(NAME) as Kubernetes does; unknown names stay as they are."""
    return re.sub(
        r"\$(\$)?\(([A-Za-z_][\w.-]*)\)",
        lambda one: one[0][1:] if one[1] else env.get(one[2], one[0]),
        text,
    )


def _real(text: str, mounts: Mounts) -> str:
    """Turn a path inside a volume into where it is on this machine."""
    for target in sorted(mounts, key=len, reverse=True):
        if text == target or text.startswith(f"{target}/"):
            return str(mounts[target]) + text[len(target) :]
    return text
