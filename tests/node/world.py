"""What a test sees of the node: kubectl, mnistctl, and Pachyderm read directly.

A `Training` is one MnistTraining in a namespace and with repos of its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from demo.pachd import Pachd
from node.machine import Machine
from node.plane import NodePlane

__all__ = ["OPERATOR_NAMESPACE", "Training", "World", "wait_for"]

T = TypeVar("T")

OPERATOR_NAMESPACE = "mnist-operator"
DATA = "/data/mnist.npz"
_PATIENCE_SECONDS = 300
_RESTRICTED = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}
_READ_ONLY = {"readOnlyRootFilesystem": True}


def wait_for(
    question: Callable[[], T], what: str, seconds: float = _PATIENCE_SECONDS
) -> T:
    """Ask again until the answer is one; a machine may be busy."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:.0f} s in vain for: {what}")
        time.sleep(0.2)
    return answer


class World:
    """The cluster and its pachd."""

    def __init__(
        self, plane: NodePlane, machine: Machine, address: str, files: Sequence[Path]
    ) -> None:
        self.plane = plane
        self.machine = machine
        self.address = address
        self.pachd = Pachd(address)
        self.files = files

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        """All pods in a namespace."""
        found: dict[str, Any] = self.plane.call(
            "GET", f"/api/v1/namespaces/{namespace}/pods"
        )
        return list(found["items"])

    def apply(self, *objects: dict[str, Any]) -> None:
        """Apply them, as a user does."""
        self.plane.kubectl("apply", "-f", "-", given=yaml.safe_dump_all(objects))

    def mnistctl(self, *words: str) -> dict[str, Any]:
        """The answer of mnistctl, which is an error when records disagree."""
        command = [sys.executable, "-m", "mnist_operator.cli", *words]
        done = subprocess.run(
            [*command, "--address", self.address, "--output", "json"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert not done.returncode, done.stderr
        return json.loads(done.stdout)

    def operator_pods(self) -> list[str]:
        """The operator's pods that are there and well."""
        pods = self.pods(OPERATOR_NAMESPACE)
        return [each["metadata"]["name"] for each in pods if _is_ready(each)]


class Training:
    """One MnistTraining, its data and its models."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.input, self.output = f"{name}-data", f"{name}-models"
        self.pushed: list[str] = []

    def create(self, **wanted: Any) -> None:
        """Apply it, in a namespace where pods run under the restricted standard."""
        self.world.pachd.create_repo(self.input)
        self.world.pachd.create_repo(self.output)
        metadata = {"name": self.name, "labels": _RESTRICTED}
        self.world.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        )
        self.apply(**wanted)

    def apply(self, *, attempts: int = 2, epochs: int = 1, **limits: str) -> None:
        """Apply it with other limits of the trainer's container."""
        container = {"name": "tensorflow", "securityContext": _READ_ONLY}
        limits = {"memory": "3Gi"} | {
            name.replace("_", "-"): value for name, value in limits.items()
        }
        trainer = {
            "parameters": {"epochs": epochs},
            "resources": {"requests": {"cpu": "250m"}, "limits": limits},
            "template": {"spec": {"containers": [container]}},
        }
        spec = {
            "input": {"repo": self.input},
            "output": {"repo": self.output},
            "trainer": trainer,
            "attempts": {"limit": attempts, "backoffSeconds": 1},
        }
        self.world.apply(
            {
                "apiVersion": "mnist-operator.dev/v1alpha1",
                "kind": "MnistTraining",
                "metadata": {"name": self.name, "namespace": self.name},
                "spec": spec,
            }
        )

    def push(self, index: int = 0) -> str:
        """Push one of the data sets; the commit's ID."""
        data = self.world.files[index]
        self.pushed.append(self.world.pachd.push(self.input, DATA, data))
        return self.pushed[-1]

    def pods(self) -> list[dict[str, Any]]:
        """The trainers' pods."""
        return self.world.pods(self.name)

    def running_pod(self, *, but: Sequence[str] = ()) -> dict[str, Any]:
        """Wait for a trainer that runs; `but` is not the one that is meant."""

        def find() -> dict[str, Any] | None:
            for pod in self.pods():
                name = pod["metadata"]["name"]
                if pod["status"].get("phase") == "Running" and name not in but:
                    return pod
            return None

        return wait_for(find, f"a running trainer of {self.name}")  # type: ignore[return-value]

    def decided(self, commit: str) -> dict[str, Any]:
        """Wait until it is decided what becomes of a commit, and nothing is left."""
        wait_for(
            lambda: (
                self._status().get("pendingCommits") == 0
                and self._status()["head"] == commit
            ),
            f"the end of {commit} in {self.name}",
        )
        return next(d for d in self.decisions() if d["inputCommit"] == commit)

    def decisions(self) -> list[dict[str, Any]]:
        """What became of every commit, oldest first."""
        told = self.world.mnistctl("history", self._key, "--repo", self.output)
        return list(told["decisions"][::-1])

    def runs(self, commit: str) -> list[dict[str, Any]]:
        """Every attempt on a commit, oldest first."""
        told = self.world.mnistctl("runs", self._key, "--repo", self.output)
        return [each for each in told["runs"] if each["inputCommit"] == commit][::-1]

    @property
    def _key(self) -> str:
        return f"{self.name}/{self.name}"

    def _status(self) -> dict[str, Any]:
        place = f"/apis/mnist-operator.dev/v1alpha1/namespaces/{self.name}"
        found = self.world.plane.call("GET", f"{place}/mnisttrainings/{self.name}")
        return dict(found.get("status", {}))


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", ())
    ready = any((c["type"], c["status"]) == ("Ready", "True") for c in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]
