"""Run a pachd of one's own in the foreground: `python -m local_cluster.pachd`."""

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path

from local_cluster.pachd.server import Pachd

__all__ = ["main"]


def main() -> None:
    """Serve until told to stop; print the addresses as one line of JSON first."""
    parser = argparse.ArgumentParser(prog="local_cluster.pachd", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the data")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--grpc-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--s3-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--finish-seconds", type=float, default=0.05)
    parser.add_argument("--commit-cost-seconds", type=float, default=0.0)
    arguments = vars(parser.parse_args())
    token = os.environ.get("PACHD_TOKEN")  # A command line is no place for secrets.
    asyncio.run(_serve(Pachd(arguments.pop("root"), token=token, **arguments)))


async def _serve(pachd: Pachd) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with pachd:
        addresses = {"address": pachd.address, "s3_endpoint": pachd.s3_endpoint}
        print(json.dumps(addresses), flush=True)
        await ended.wait()


if __name__ == "__main__":
    main()
