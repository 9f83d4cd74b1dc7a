"""A Kubernetes API server as a program of its own, which can be killed for real.

Run by `servers`: `python -m crashes.api_server --root FOLDER --port N`.
"""

import argparse
import asyncio
import signal
from pathlib import Path

from integration.definition import definition
from local_cluster.kube import KubeServer
from local_cluster.kube.client import ClientError, KubeClient, path_of
from local_cluster.tfjobs import TFJOB_CRD

_EXISTS = 409


async def _serve(root: Path, port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with KubeServer(root, port=port) as server:
        server.write_kubeconfig(root / "kubeconfig")
        async with KubeClient(server.url, "install") as client:
            for each in (TFJOB_CRD, definition()):
                path = path_of(each["apiVersion"], "customresourcedefinitions")
                await _ensure(client, path, each)
        await ended.wait()


async def _ensure(client: KubeClient, path: str, body: object) -> None:
    try:
        await client.call("POST", path, body)
    except ClientError as error:
        if error.code != _EXISTS:
            raise


def _main() -> None:
    parser = argparse.ArgumentParser(prog="crashes.api_server")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    arguments.root.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(arguments.root, arguments.port))


if __name__ == "__main__":
    _main()
