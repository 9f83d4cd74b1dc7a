"""Namespaces for a whole node, so that nothing of it outlives the test.

Network, mounts and processes of the node are its own. When the first process in there
ends, however it does, the kernel ends all others, takes the mounts away and the network
with them. What is left for us to remove are control groups and a folder.

The API server has the address of its own Service, so pods reach it without kube-proxy;
pachd listens on the gateway. No packet leaves: there is no way out.
"""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

__all__ = [
    "BRIDGE",
    "CONTROL_GROUP",
    "GATEWAY",
    "SERVICE",
    "SUBNET",
    "enclosed",
    "end",
    "furnish",
    "remove_control_groups",
]

GATEWAY = "10.244.0.1"
SUBNET = "10.244.0.0/24"
SERVICE = "10.96.0.1"
"""The first address of the API server's range is its own."""
BRIDGE = "mnist0"
_HARDWARE = "0a:58:0a:f4:00:01"
CONTROL_GROUP = "mnist-operator-node"
_PATIENCE_SECONDS = 30
_OWN = ("/run", "/var/log", "/var/lib/cni")
"""Where containerd, its plugins and the kubelet write, whatever they are told."""


def enclosed(words: Sequence[str]) -> list[str]:
    """The same command in namespaces of its own, which end with whoever starts it."""
    return [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"),
        "--mount-proc",
        # The first process: it passes signals on, and buries orphans.
        *("catatonit", "--"),
        *words,
    ]


def furnish() -> None:
    """Inside: make the folders its own, and a network that ends at the gateway."""
    for folder in _OWN:
        Path(folder).mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "tmpfs", folder)
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "address", "add", f"{SERVICE}/32", "dev", "lo")
    # With an address of its own: else it takes that of a pod, and changes it when pods
    # come and go, and those that stay send into the void for a minute.
    _run("ip", "link", "add", BRIDGE, "address", _HARDWARE, "type", "bridge")
    _run("ip", "address", "add", f"{GATEWAY}/{SUBNET.partition('/')[2]}", "dev", BRIDGE)
    _run("ip", "link", "set", BRIDGE, "up")


def end(process: "subprocess.Popen[bytes]") -> None:
    """Outside: end an enclosure that still runs, and wait until all in it is gone."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    # It may come to its end meanwhile.
    with suppress(FileNotFoundError, ProcessLookupError):
        # Its first process, not the one that waits for it: that would not wait then.
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGKILL)
    process.wait()


def remove_control_groups(root: Path = Path("/sys/fs/cgroup")) -> None:
    """Outside, afterwards: they are the one thing that has no namespace here."""
    for top in (root, *root.glob("*")):
        for folder, _, _ in os.walk(top / CONTROL_GROUP, topdown=False):
            _remove(Path(folder))


def _remove(folder: Path) -> None:
    """The kernel may be busy for a moment with those who have just died in it."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _run(*words: str) -> None:
    subprocess.run(words, check=True)
