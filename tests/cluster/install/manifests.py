"""What kustomize and Helm make of the shipped files: objects, by kind and name."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cluster.rig.binaries import HELM, KUBECTL, find

__all__ = [
    "CHART",
    "DEPLOY",
    "INSTALL",
    "WAYS",
    "Way",
    "kustomize",
    "parse",
    "run_helm",
]

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
CHART = DEPLOY / "helm" / "mnist-operator"
INSTALL = DEPLOY / "install.yaml"
Objects = dict[tuple[str, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Way:
    """One way to install, as an overlay of kustomize and as values of the chart."""

    overlay: str
    values: tuple[str, ...] = ()
    crds: bool = True
    """Whether the definition is part of it; else an administrator's, beforehand."""

    def kustomize(self) -> str:
        """The manifests, as kubectl makes them."""
        return kustomize(DEPLOY / "kustomize" / "overlays" / self.overlay)

    def helm(self) -> str:
        """The manifests, as Helm makes them."""
        files = [f"--values={CHART / name}" for name in self.values]
        crds = ["--include-crds"] if self.crds else ["--skip-crds"]
        # A Helm that was built from its module takes itself to be an old Kubernetes.
        return run_helm(
            *("template", "mnist-operator", str(CHART), "--namespace=mnist-operator"),
            *("--kube-version=1.34.4", *crds, *files),
        )


WAYS = (
    Way("cluster-wide"),
    Way("namespaced", ("values-namespaced.yaml",), crds=False),
    Way("high-security", ("values-high-security.yaml",)),
)


def kustomize(folder: Path) -> str:
    """What kubectl makes of a kustomization."""
    return _run(str(find(KUBECTL)), "kustomize", str(folder))


def run_helm(*words: str) -> str:
    """What Helm prints: the one on the PATH, else one that is built once."""
    return _run(shutil.which("helm") or str(find(HELM)), *words)


def parse(manifests: str) -> Objects:
    """The objects, by kind, namespace and name."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = {}
    for body in filter(None, yaml.load_all(manifests, loader)):
        meta = body["metadata"]
        key = (body["kind"], meta.get("namespace", ""), meta["name"])
        assert key not in found, f"{key} is there twice"
        found[key] = body
    return found


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout
