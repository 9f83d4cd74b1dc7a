"""The API server and pachd, each as a process that also does what others would.

`python -m bench.scale.standins kube ROOT` or `… pachd ROOT`: a line of JSON says
where it listens; from then on each line of input is a question, answered by one line.
Pushes are made inside of pachd, and TFJobs ended inside of the API server, because
clients of their own would use more CPU than the operator that is measured.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.scale.ending import Ender
from bench.scale.tally import CallTally, RepoTally
from local_cluster.kube import KubeServer
from local_cluster.pachd import Pachd
from local_cluster.pachd.records import BranchKey, Change, CommitKey, Part, RepoKey

__all__ = ["DATA_FILE", "FINISH_SECONDS", "LISTING_SECONDS", "TRAININGS"]

FINISH_SECONDS = 0.2
"""What pachd takes to finish a commit that was closed; 2.11 took 0.15 to 0.3 s."""
LISTING_SECONDS = 0.01
"""What it takes for each commit listed or replayed, as pachd does."""
TRAININGS = "mnisttrainings.mnist-operator.dev"
DATA_FILE = "/data/mnist.npz"
_DATA_BYTES = 11_490_434
Ask = Callable[[dict[str, Any]], Awaitable[Any]]


async def _serve_pachd(root: Path) -> None:
    tally = RepoTally()
    pachd = Pachd(
        root,
        finish_seconds=FINISH_SECONDS,
        commit_cost_seconds=LISTING_SECONDS,
        interceptors=[tally],
    )

    async def answer(question: dict[str, Any]) -> Any:
        world = pachd._world
        assert world is not None
        if "push" in question:
            with world.store.transaction():
                return [
                    _push(world, BranchKey(RepoKey("default", repo), branch))
                    for repo, branch in question["push"]
                ]
        if "finished" in question:
            keys = (
                CommitKey(RepoKey("default", r), c) for r, c in question["finished"]
            )
            return [world.store.commit(key).finished for key in keys]
        return tally.report()

    async with pachd:
        await _converse(
            {"PACHD_ADDRESS": pachd.address, "S3": pachd.s3_endpoint}, answer
        )


def _push(world: Any, branch: BranchKey) -> str:
    """Push one file, of a content that no other commit has."""
    commit = world.commits.start(branch, parent=None, description="")
    content = (Part(commit.key.id * 2, _DATA_BYTES),)
    commit.changes = {DATA_FILE: Change(replace=True, content=content)}
    world.commits.finish(commit, description="", error="")
    return commit.key.id


async def _serve_kube(root: Path) -> None:
    tally = CallTally()
    kube = KubeServer(root, faults=tally)
    ender = Ender(kube)

    async def answer(question: dict[str, Any]) -> Any:
        if "pachd" in question:
            ender.connect(question["pachd"])
            return kube.url
        if "end" in question:
            return ender.turn(on=question["end"])
        if "unwritten" in question:
            store = kube._store
            found = (store.get(TRAININGS, tuple(key)) for key in question["unwritten"])
            return sum(not (one or {}).get("status") for one in found)
        if "trained" in question:
            store = kube._store
            return sum(
                (store.get(TRAININGS, (namespace, name)) or {})
                .get("status", {})
                .get("lastTrainedCommit")
                == commit
                for namespace, name, commit in question["trained"]
            )
        if "jobs" in question:
            return ender.created
        return tally.report()

    async with kube, ender:
        kubeconfig = kube.write_kubeconfig(root / "kubeconfig")
        await _converse({"KUBECONFIG": str(kubeconfig)}, answer)


async def _converse(ready: dict[str, str], answer: Ask) -> None:
    print(json.dumps(ready), flush=True)
    lines = asyncio.StreamReader(limit=1 << 28)
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    answering = asyncio.create_task(_answer_all(lines, answer))
    await asyncio.wait(
        {answering, asyncio.create_task(stopped.wait())},
        return_when=asyncio.FIRST_COMPLETED,
    )
    answering.cancel()


async def _answer_all(lines: asyncio.StreamReader, answer: Ask) -> None:
    while line := await lines.readline():
        print(json.dumps(await answer(json.loads(line))), flush=True)


def _main() -> None:
    # Ctrl-C is for the benchmark, which then ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve = {"kube": _serve_kube, "pachd": _serve_pachd}[sys.argv[1]]
    asyncio.run(serve(Path(sys.argv[2])))


if __name__ == "__main__":
    _main()
