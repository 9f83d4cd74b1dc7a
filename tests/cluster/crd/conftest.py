"""A user with kubectl, in a namespace of the real API server."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from cluster.rig.control_plane import ControlPlane
from mnist_operator.resource import GROUP, KIND, VERSION


class User:
    """Types kubectl, and reads what it prints."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self._plane = plane
        self._always = f"--namespace={namespace}"

    def __call__(self, words: str, *more: str, given: str | None = None) -> str:
        return self._plane.kubectl(self._always, *words.split(), *more, given=given)

    def apply(self, name: str = "mnist", **spec: Any) -> str:
        """Apply a training."""
        body = {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": KIND,
            "metadata": {"name": name},
            "spec": spec,
        }
        return self("apply -f -", given=json.dumps(body))

    def read(self, name: str = "mnist") -> Any:
        """The training as it is stored."""
        return json.loads(self(f"get mt {name} -o json"))

    def say(self, name: str = "mnist", **status: Any) -> None:
        """Write a status, as the operator does."""
        patch = json.dumps({"status": status})
        self(f"patch mt {name} --subresource=status --type=merge -p", patch)

    def meanwhile(self, words: str) -> "asyncio.Task[str]":
        """Type something that takes its time."""
        return asyncio.create_task(asyncio.to_thread(self, words))


@pytest.fixture
def kubectl(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def refused(kubectl: User) -> Callable[..., str]:
    """Type what is refused, and read why."""

    def refused(given: str) -> str:
        with pytest.raises(Exception, match="non-zero exit status") as caught:
            kubectl("apply -f -", given=given)
        return str(getattr(caught.value, "stderr", ""))

    return refused
