"""What a node needs of this machine, and how to get what is missing."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.rig.binaries import (
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KUBECTL,
    KUBELET,
    TRAINING_OPERATOR,
    Program,
    cache_folder,
)
from node.enclosure import enclosed

__all__ = ["BINARIES", "PLUGINS", "find_missing", "find_plugins"]

BINARIES: tuple[Program, ...] = (
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KUBELET,
    KUBECTL,
    TRAINING_OPERATOR,
)
PLUGINS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
_PACKAGES = {
    "buildah": "buildah",
    "catatonit": "catatonit",
    "containerd": "containerd",
    "ctr": "containerd",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "mount": "mount",
    "runc": "runc",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}
"""Programs, and the Debian packages that they come in."""
_ROOT = Path(__file__).resolve().parents[2]
_GIGABYTE = 10**9
_DISK, _MEMORY = 15, 5
"""Gigabytes: images, their build and Go's own cache; the node and one training."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing; asked only when its turn comes, since asking may take a moment."""

    what: str
    is_met: Callable[[], bool]
    remedy: str


def find_missing() -> Iterator[str]:
    """A line for each thing that is missing: what, and how to get it."""
    packages = sorted({_PACKAGES[name] for name in _PACKAGES if not shutil.which(name)})
    if not find_plugins():
        packages.append("containernetworking-plugins")
    if packages:
        names = " ".join(packages)
        yield f"Debian packages are missing: apt-get install {names}"
    for need in _needs():
        if not need.is_met():
            yield f"{need.what}: {need.remedy}"


def find_plugins() -> Path | None:
    """The folder with the plugins by which pods get addresses."""
    return next((each for each in PLUGINS if (each / "bridge").exists()), None)


def _needs() -> Iterator[Need]:
    yield Need(
        "This is not root, who alone may start containers",
        lambda: os.geteuid() == 0,
        "sudo make test-node",
    )
    yield Need(
        "Namespaces cannot be made here",
        _can_enclose,
        "run it on a machine or in a virtual one, not in a container",
    )
    yield Need(
        "The kernel has no overlay file system",
        lambda: "\toverlay\n" in Path("/proc/filesystems").read_text(),
        "modprobe overlay",
    )
    yield Need(
        "No control group bounds memory here",
        _can_bound_memory,
        "mount the memory controller below /sys/fs/cgroup",
    )
    yield Need(
        "There is no Go, which builds Kubernetes",
        _has_go,
        "make env-cluster",
    )
    for folder in (cache_folder(), Path("/var/tmp")):  # noqa: S108 (beside other users)
        yield Need(
            f"{folder} has less than {_DISK} GB left",
            lambda folder=folder: _free(folder) > _DISK * _GIGABYTE,
            "make room, or set XDG_CACHE_HOME to another disk",
        )
    yield Need(
        f"Less than {_MEMORY} GB of memory are free",
        lambda: _free_memory() > _MEMORY * _GIGABYTE,
        "end what else runs here",
    )


def _can_enclose() -> bool:
    try:
        return subprocess.run(enclosed(["true"]), check=False).returncode == 0
    except OSError:  # The package is missing, and that is said already.
        return True


def _can_bound_memory() -> bool:
    root = Path("/sys/fs/cgroup")
    unified = root / "cgroup.controllers"
    if unified.exists():
        return "memory" in unified.read_text().split()
    return (root / "memory" / "memory.limit_in_bytes").exists()


def _has_go() -> bool:
    ours = _ROOT.glob(".venv/go/lib/python3*/site-packages/go/bin/go")
    return bool(shutil.which("go")) or any(ours)


def _free(folder: Path) -> int:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


def _free_memory() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    values = dict(line.split(":") for line in lines)
    return int(values["MemAvailable"].split()[0]) * 1024
