"""The node itself: containerd with runc, a kubelet, and images without a registry."""

import json
import subprocess
from pathlib import Path
from typing import Self

from cluster.rig.binaries import KUBELET, find
from cluster.rig.programs import Running
from node.enclosure import BRIDGE, CONTROL_GROUP, GATEWAY, SUBNET
from node.images import PAUSE
from node.needs import find_plugins
from node.plane import NODE, NodePlane, answers

__all__ = ["Machine"]

_ADDRESS = "/run/mnist-operator/containerd.sock"
_CONTAINERD = """\
version = 2
root = "{folder}/containerd"
state = "/run/mnist-operator/containerd"
[grpc]
  address = "{address}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  # Root may not always make a process less likely to be killed for memory.
  restrict_oom_score_adj = true
  sandbox_image = "{pause}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{folder}/network"
"""


class Machine:
    """One node of the control plane's cluster, below one folder."""

    def __init__(self, plane: NodePlane, folder: Path) -> None:
        self._folder = folder
        settings = folder / "containerd.toml"
        self.containerd = Running(
            ["containerd", "--config", str(settings)],
            plane.folder / "containerd.log",
            lambda: Path(_ADDRESS).exists(),
        )
        self.kubelet = Running(
            [
                str(find(KUBELET)),
                f"--config={folder / 'kubelet.json'}",
                f"--kubeconfig={plane.folder / 'kubelet'}",
                f"--root-dir={folder / 'kubelet'}",
                f"--cert-dir={folder / 'kubelet-pki'}",
                f"--hostname-override={NODE}",
                f"--node-ip={GATEWAY}",
            ],
            plane.folder / "kubelet.log",
            lambda: answers("https://127.0.0.1:10250/healthz") and plane.is_node_ready,
        )

    def __enter__(self) -> Self:
        self._write_settings()
        self.containerd.start()
        for archive in sorted((self._folder / "images").glob("*.tar")):
            self._import(archive)
        self.kubelet.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kubelet.kill()
        self.containerd.kill()

    def kill(self, container: str) -> None:
        """Kill the first process of a container, as the kernel does."""
        self._ctr("tasks", "kill", "--signal", "SIGKILL", container)

    def _import(self, archive: Path) -> None:
        """Under its name and its digest, as if it had been pulled."""
        name = f"localhost/mnist-operator/{archive.stem}"
        self._ctr("images", "import", "--digests", "--base-name", name, str(archive))

    def _ctr(self, *words: str) -> str:
        return subprocess.run(
            ["ctr", "--address", _ADDRESS, "--namespace", "k8s.io", *words],
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _write_settings(self) -> None:
        network = self._folder / "network"
        network.mkdir()
        (network / "10-bridge.conf").write_text(json.dumps(self._network()))
        (self._folder / "kubelet.json").write_text(json.dumps(self._kubelet()))
        (self._folder / "containerd.toml").write_text(
            _CONTAINERD.format(
                folder=self._folder,
                address=_ADDRESS,
                pause=PAUSE,
                plugins=find_plugins(),
            )
        )

    def _network(self) -> dict[str, object]:
        return {
            "cniVersion": "0.4.0",
            "name": "node",
            "type": "bridge",
            "bridge": BRIDGE,
            "isGateway": True,
            "ipam": {
                "type": "host-local",
                "subnet": SUBNET,
                "dataDir": str(self._folder / "addresses"),
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }

    def _kubelet(self) -> dict[str, object]:
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": "0.0.0.0",
            # Nobody outside of this network can ask it anything.
            "authentication": {
                "anonymous": {"enabled": True},
                "webhook": {"enabled": False},
            },
            "authorization": {"mode": "AlwaysAllow"},
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{CONTROL_GROUP}",
            "cgroupsPerQOS": False,
            "enforceNodeAllocatable": ["none"],
            "failCgroupV1": False,
            "failSwapOn": False,
            "containerRuntimeEndpoint": f"unix://{_ADDRESS}",
            "evictionHard": {
                "imagefs.available": "1%",
                "memory.available": "100Mi",
                "nodefs.available": "1%",
            },
            "makeIPTablesUtilChains": False,
            "podLogsDir": str(self._folder / "pod-logs"),
            # How often it looks whether a pod has written more than it may.
            "volumeStatsAggPeriod": "5s",
            "volumePluginDir": str(self._folder / "volume-plugins"),
        }
