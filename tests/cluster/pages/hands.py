"""What this cluster lacks: who makes the operator's pod, and its image."""

import shutil
import sys
from pathlib import Path
from typing import Any

from cluster.worlds import RealWorld
from integration.world import IMAGE, IMAGES, ROOT, until
from local_cluster.kube.client import path_of
from local_cluster.node import Image

__all__ = ["HOME", "has_account", "lend_images", "name_ours", "roll_out"]

HOME = "mnist-operator"
_REGISTRY = "images.example.org/"
_OPERATOR = "mnist-operator/operator:0.1.0"
_TRAINER = "mnist-operator/trainer:0.1.0"
_PROGRAM = ROOT / "tests" / "cluster" / "credentials" / "in_a_pod.py"
_DEPLOYMENT = path_of("apps/v1", "deployments", (HOME, HOME))
_PORTS = ("MNIST_OPERATOR_HEALTH_PORT", "MNIST_OPERATOR_METRICS_PORT")
"""A pod has them to itself; here they are those of the machine, and may be taken."""


def name_ours(manifest: Path, world: RealWorld) -> None:
    """Put our images and our pachd into the manifest, as an administrator does."""
    text = manifest.read_text()
    for shipped, ours in (
        (f" {_OPERATOR}", f" {_REGISTRY}{_OPERATOR}"),
        (f" {_TRAINER}", f" {_REGISTRY}{_TRAINER}"),
        ("pachd.pachyderm:30650", world.cluster.pachd_address),
        ("pachd.pachyderm:30600", world.cluster.s3_endpoint),
    ):
        assert 1 == text.count(shipped), shipped
        text = text.replace(shipped, ours)
    manifest.write_text(text)


def lend_images(world: RealWorld, account: Path) -> None:
    """The programs that stand for ours; the operator's has its ServiceAccount there."""
    plane = world.plane
    host, _, port = plane.url.removeprefix("https://").partition(":")
    environment = {
        "PYTHONPATH": str(ROOT / "operator"),
        "ACCOUNT_FOLDER": str(account),
        "KUBERNETES_SERVICE_HOST": host,
        "KUBERNETES_SERVICE_PORT": port,
    }
    node: Any = world.cluster.node
    node.images = {
        **IMAGES,
        f"{_REGISTRY}{_TRAINER}": IMAGES[IMAGE],
        f"{_REGISTRY}{_OPERATOR}": Image((sys.executable, str(_PROGRAM)), environment),
    }


def has_account(world: RealWorld, folder: Path) -> None:
    """Lay out what kubelet mounts into the operator's pod."""
    folder.mkdir()
    shutil.copy(world.plane.ca, folder / "ca.crt")
    (folder / "token").write_text(world.plane.account_token(HOME, HOME))


async def roll_out(world: RealWorld) -> None:
    """Do what kube-controller-manager does with the Deployment: a pod, and its word."""
    deployment = await world.kube.call("GET", _DEPLOYMENT)
    template = deployment["spec"]["template"]
    [container] = template["spec"]["containers"]
    kept = [each for each in container["env"] if each["name"] not in _PORTS]
    container["env"] = [*kept, *({"name": name, "value": "0"} for name in _PORTS)]
    meta = {"name": f"{HOME}-0", "labels": template["metadata"]["labels"]}
    body = {"metadata": meta, "spec": template["spec"]}
    pods = path_of("v1", "pods", (HOME, ""))
    await world.kube.call("POST", pods, body)

    async def runs() -> bool:
        pod = await world.kube.call("GET", f"{pods}/{HOME}-0")
        return bool(pod["status"]["phase"] == "Running")

    await until(runs, "the operator's pod")
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    status: dict[str, Any] = dict.fromkeys(counts, 1)
    status["observedGeneration"] = deployment["metadata"]["generation"]
    await world.kube.call("PATCH", f"{_DEPLOYMENT}/status", {"status": status})
