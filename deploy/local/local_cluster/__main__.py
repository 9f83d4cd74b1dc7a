"""Runs a local cluster in the foreground.

Example:
    python -m local_cluster --root DIR --images images.json

prints one line of JSON when everything is ready: where the kubeconfig is, and where
pachd and its S3 gateway listen. It ends with SIGINT or SIGTERM; the same root
continues where it stopped.
"""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from local_cluster.cluster import LocalCluster
from local_cluster.node import read_images

__all__ = ["main"]


def main() -> None:
    """Read the command line and run until told to stop."""
    parser = argparse.ArgumentParser(
        prog="local_cluster", description="Run Kubernetes and Pachyderm stand-ins."
    )
    parser.add_argument("--root", type=Path, required=True, help="where state lives")
    parser.add_argument("--images", type=Path, help="JSON: image name to program")
    parser.add_argument("--kube-port", type=int, default=0, help="default: any")
    parser.add_argument("--grpc-port", type=int, default=0, help="default: any")
    parser.add_argument("--s3-port", type=int, default=0, help="default: any")
    asyncio.run(_run(parser.parse_args()))


async def _run(arguments: argparse.Namespace) -> None:
    cluster = LocalCluster(
        arguments.root.resolve(),
        images=read_images(arguments.images) if arguments.images else {},
        kube_port=arguments.kube_port,
        grpc_port=arguments.grpc_port,
        s3_port=arguments.s3_port,
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with cluster:
        ready = {
            "kubeconfig": str(cluster.kubeconfig),
            "pachd_address": cluster.pachd_address,
            "s3_endpoint": cluster.s3_endpoint,
        }
        print(json.dumps(ready), flush=True)
        await stopped.wait()


if __name__ == "__main__":
    main()
