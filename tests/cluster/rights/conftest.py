"""Installations whose operator is watched by the API server's audit log."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.rights.installed import Installed
from integration.world import ROOT

KUSTOMIZE = ROOT / "deploy" / "kustomize"


@pytest.fixture(name="install")
def _install(plane, tmp_path) -> Callable[..., Installed]:
    """Apply an overlay, with components, as an administrator does."""

    def install(overlay: str, *components: str, namespace: str = "") -> Installed:
        folder = tmp_path / "kustomization"
        folder.mkdir()
        wanted: dict[str, Any] = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [_relative(folder, "overlays", overlay)],
            "components": [_relative(folder, "components", c) for c in components],
        }
        if namespace:
            wanted["namespace"] = namespace
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(wanted))
        manifests = plane.kubectl("kustomize", str(folder))
        how = ("--server-side", "--force-conflicts")
        plane.kubectl("apply", *how, "-f", "-", given=manifests)
        return Installed(plane, [*yaml.safe_load_all(manifests)])

    return install


def _relative(folder: Path, *steps: str) -> str:
    return os.path.relpath(KUSTOMIZE.joinpath(*steps), folder)
