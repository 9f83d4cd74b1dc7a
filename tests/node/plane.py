"""A control plane with all of its parts, as pods and a kubelet reach it."""

import json
import ssl
import urllib.request
from pathlib import Path
from typing import Self

from cluster.rig.binaries import KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER, find
from cluster.rig.control_plane import ControlPlane
from cluster.rig.programs import Running
from node.enclosure import GATEWAY

__all__ = ["NODE", "NodePlane", "answers"]

NODE = "node1"
_MANAGER, _SCHEDULER, _KUBELET = "manager-token", "scheduler-token", "kubelet-token"
_PEOPLE = f"""\
{_MANAGER},system:kube-controller-manager,2
{_SCHEDULER},system:kube-scheduler,3
{_KUBELET},system:node:{NODE},4,system:nodes
"""
_CHANGED = (
    "--advertise-address",
    "--bind-address",
    # There is a controller manager here, who makes each namespace's account.
    "--disable-admission-plugins",
    "--secure-port",
)
_MANAGER_PORT, _SCHEDULER_PORT = 10257, 10259


def answers(url: str) -> bool:
    """Whether a server with a certificate of its own making is well."""
    context = ssl._create_unverified_context()  # noqa: S323 (loopback)
    try:
        with urllib.request.urlopen(url, timeout=2, context=context) as answer:  # noqa: S310
            return answer.status == 200
    except OSError:
        return False


class NodePlane(ControlPlane):
    """API server, controller manager and scheduler, each as its own user."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # Where its Service says that it is: 443.
        self._port = 443
        self.url = f"https://{GATEWAY}"
        self.apiserver = Running(
            self._apiserver_command(), folder / "apiserver.log", self._is_ready
        )
        self.manager = self._make_manager()
        self.scheduler = self._make_scheduler()

    def __enter__(self) -> Self:
        super().__enter__()
        for name, token in (("manager", _MANAGER), ("scheduler", _SCHEDULER)):
            self.write_kubeconfig(self.folder / name, token)
        self.write_kubeconfig(self.folder / "kubelet", _KUBELET)
        self.manager.start()
        self.scheduler.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.scheduler.kill()
        self.manager.kill()
        super().__exit__(*failure)

    def _write_what_it_reads(self) -> None:
        super()._write_what_it_reads()
        with (self.folder / "tokens.csv").open("a") as people:
            people.write(_PEOPLE)

    def _apiserver_command(self) -> list[str]:
        words = super()._apiserver_command()
        return [
            *(word for word in words if not word.startswith(_CHANGED)),
            f"--advertise-address={GATEWAY}",
            "--bind-address=0.0.0.0",
            f"--secure-port={self._port}",
            # It asks the kubelet for logs by the address that the node gives.
            "--kubelet-preferred-address-types=InternalIP",
        ]

    def _make_manager(self) -> Running:
        command = [
            str(find(KUBE_CONTROLLER_MANAGER)),
            f"--kubeconfig={self.folder / 'manager'}",
            "--bind-address=127.0.0.1",
            f"--secure-port={_MANAGER_PORT}",
            "--leader-elect=false",
            f"--root-ca-file={self.ca}",
            f"--service-account-private-key-file={self.folder / 'accounts.key'}",
            # Each controller with the rights of its own account, as elsewhere.
            "--use-service-account-credentials=true",
        ]
        url = f"https://127.0.0.1:{_MANAGER_PORT}/healthz"
        return Running(command, self.folder / "manager.log", lambda: answers(url))

    def _make_scheduler(self) -> Running:
        command = [
            str(find(KUBE_SCHEDULER)),
            f"--kubeconfig={self.folder / 'scheduler'}",
            "--bind-address=127.0.0.1",
            f"--secure-port={_SCHEDULER_PORT}",
            "--leader-elect=false",
        ]
        url = f"https://127.0.0.1:{_SCHEDULER_PORT}/healthz"
        return Running(command, self.folder / "scheduler.log", lambda: answers(url))

    @property
    def is_node_ready(self) -> bool:
        """Whether the kubelet has told that pods can run."""
        nodes = json.loads(self.kubectl("get", "nodes", "-o", "json"))["items"]
        return any(
            (each["type"], each["status"]) == ("Ready", "True")
            for node in nodes
            for each in node["status"].get("conditions", ())
        )
