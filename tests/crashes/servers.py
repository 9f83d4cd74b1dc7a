"""pachd and an API server, each a process that can be killed and started again."""

import os
import socket
import sys
from pathlib import Path
from typing import Self

from cluster.rig.programs import Running
from local_cluster.kube.client import Door
from local_cluster.ports import HeldPort

__all__ = ["Servers"]


class Servers:
    """Both of them, on ports and folders that stay the same."""

    def __init__(self, folder: Path) -> None:
        self._ports = HeldPort(), HeldPort(), HeldPort()
        grpc, s3, kube = (each.number for each in self._ports)
        self.folder = folder
        self.pachd_address = f"127.0.0.1:{grpc}"
        self.s3_endpoint = f"127.0.0.1:{s3}"
        self.door = Door(f"http://127.0.0.1:{kube}")
        self.kubeconfig = folder / "kube" / "kubeconfig"
        self.pachd = _program(
            "local_cluster.pachd",
            folder / "pachd",
            grpc,
            f"--grpc-port={grpc}",
            f"--s3-port={s3}",
            "--finish-seconds=0.01",
        )
        self.kube = _program(
            "crashes.api_server", folder / "kube", kube, f"--port={kube}"
        )

    def __enter__(self) -> Self:
        self.pachd.start()
        try:
            self.kube.start()
        except BaseException:
            self.pachd.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kube.kill()
        self.pachd.kill()

    def write_kubeconfig(self, path: Path, url: str) -> Path:
        """The same way in, but through a wire or cable at this address."""
        path.write_text(self.kubeconfig.read_text().replace(self.door.url, url))
        return path


def _program(module: str, root: Path, port: int, *words: str) -> Running:
    root.mkdir(parents=True, exist_ok=True)
    return Running(
        [sys.executable, "-m", module, f"--root={root}", *words],
        root.with_suffix(".log"),
        lambda: _listens(port),
        {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
