"""The page and its world: a pachd with the story, a cluster with trainings.

The status of each MnistTraining is written by hand, in a cluster without an operator.
"""

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp.test_utils import TestClient, TestServer

from integration.dashboard_story import HOSTILE, Story
from integration.mnistctl_world import Cluster
from local_cluster.pachd import Pachd
from mnist_operator.cli.clusters import Cluster as Asked
from mnist_operator.cli.dashboard.board import Board
from mnist_operator.cli.dashboard.pachds import Pachds
from mnist_operator.cli.dashboard.pods import Pods
from mnist_operator.cli.dashboard.server import build
from mnist_operator.cli.dashboard.site import Settings
from mnist_operator.cli.dashboard.verdicts import Verdicts
from mnist_operator.cli.dashboard.views import Views
from mnist_operator.cli.jobs import Jobs
from mnist_operator.failures import stays_failed
from mnist_operator.kube import connect
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.status import timestamp
from unit import mnistctl_records as records
from unit.builders import training
from unit.trials import CHAMPION

__all__ = ["LOCAL", "NOWHERE", "SECRET", "application", "open_page", "read", "served"]

NOWHERE = "127.0.0.1:1"
"""Where no pachd is."""
LOCAL = {"Host": "localhost:8765"}
_OPTION = re.compile(r'<span class="option">([^<]*)</span>')
SECRET = "a-token-that-no-page-may-show"


async def _tell(cluster, story, *, progress=None):
    """MnistTrainings in every state, of which `mnist` is the story's own."""
    third = story.entries["third"]
    commit = third.commit
    history = [
        {
            "commit": commit,
            "decision": "Published",
            "time": timestamp(third.time),
            "modelCommit": third.output,
            "accuracy": third.accuracy,
        }
    ]
    said = {
        "lastTrainedCommit": commit,
        "lastModelCommit": third.output,
        "lastAccuracy": third.accuracy,
        "lastSuccessfulTime": timestamp(third.time),
        "head": commit,
    }
    fine = records.status_of(message="The newest commit is trained.", history=history)
    await cluster.create("mnist", status={**fine, **said})
    await cluster.create("long", status={**fine, **said, "lastAccuracy": "0.9893"})
    run = {
        "commit": "6" * 32,
        "attempt": 2,
        "state": "Running",
        "tfjob": "busy-777777777777",
        "run": "7" * 32,
        "since": timestamp(datetime.now(UTC) - timedelta(minutes=4)),
        "progress": progress
        or {
            "epoch": 3,
            "epochs": 5,
            "step": 1180,
            "steps": 2345,
            "metrics": {"loss": "0.0412", "accuracy": "0.9871"},
            "estimatedCompletionTime": timestamp(
                datetime.now(UTC) + timedelta(minutes=5)
            ),
        },
    }
    busy = records.status_of(
        "Training", "Unknown", message="A TFJob runs.", reconciling=True, active=[run]
    )
    await cluster.create(
        "busy", status={**busy, "lastAccuracy": "0.9855", "pendingCommits": 3}
    )
    refused = records.status_of(
        "AccessDenied", "False", message="pachd refused the token.", stalled=True
    )
    await cluster.create("fashion", status=refused)
    await cluster.create("letters", namespace="team", status=_broken())
    await _tell_of_gates(cluster, story)
    await _tell_of_others(cluster, fine | said)
    held = records.status_of("Suspended", "False", message="spec.suspend is true.")
    await cluster.create(
        "paused", namespace="team", status={**held, "pendingCommits": 12}
    )


def _broken():
    """A commit that failed, in the words of the operator."""
    commit = "4" * 32
    reason, said = "InvalidData", f"No model of it: {HOSTILE}"
    failed = {"commit": commit, "decision": "Failed", "reason": reason, "message": said}
    again = stays_failed(training(name="letters"), commit, reason)
    return records.status_of(
        "TrainingFailed",
        "False",
        message=f"Input commit {commit}: {reason}: {said}{again}",
        history=[failed | {"time": timestamp(datetime.now(UTC))}],
    )


async def _tell_of_gates(cluster, story):
    """A commit that the data gate holds, and a model that is not good enough."""
    candidate = await story.judge()
    held = {
        "commit": "5" * 32,
        "since": timestamp(datetime.now(UTC) - timedelta(hours=2)),
        "message": "relabelledShare is 0.062500, beyond spec.dataGate.maxRelabelled:"
        " 0.01.",
    }
    doubtful = held | {"commit": await story.mislabel()}
    status = records.status_of(
        "DataGateHeld",
        "False",
        message="spec.dataGate holds input commit 5555: relabelledShare is 0.062500.",
        stalled=True,
        pending=4,
    )
    waiting = [
        {"commit": "7" * 32, "state": "Waiting"},
        {"commit": "8" * 32, "state": "Finishing"},
        {"commit": "9" * 32, "state": "Open"},
    ]
    production = {
        "productionCommit": CHAMPION,
        "candidateCommit": candidate,
        "verdict": "Refused",
        "reason": "Worse",
        "message": "Worse than the model in production: p is below 0.05.",
    }
    spec = {"promotion": {"heldOut": {"repo": "held_out", "branch": "master"}}}
    more = {"held": [doubtful, held], "queue": waiting, "promotion": production}
    more["lastTrainedCommit"] = story.entries["third"].commit
    await cluster.create("gated", namespace="team", status=status | more, spec=spec)


async def _tell_of_others(cluster, fine):
    """One whose output branch somebody holds open; one where no pachd answers."""
    busy = records.status_of(
        "OutputBusy",
        "False",
        message="Commit 1234 of default/outputrepo@master is open: finish it, or drop"
        " it.",
        reconciling=True,
        pending=1,
    )
    await cluster.create("blocked", namespace="team", status=busy)
    spec = {"pachyderm": {"address": NOWHERE}}
    await cluster.create("elsewhere", namespace="team", status=fine, spec=spec)


@asynccontextmanager
async def served(folder, **how):
    """The whole world: a pachd with the story, a cluster; gives back its parts."""
    async with (
        Pachd(folder / "pachd", finish_seconds=0.01) as pachd,
        Cluster(folder) as cluster,
    ):
        client = Pachyderm(Connection(pachd.address))
        try:
            story = await (await Story(client).start()).tell()
            await _tell(cluster, story, **how)
            yield pachd, cluster, story
        finally:
            await client.close()


@asynccontextmanager
async def application(
    pachd, cluster, *, namespace="", settings=None, keys=tuple, token=SECRET
):
    """The page of that world, as an application in this process."""
    kube = await connect(cluster.kubeconfig)
    asked = Asked(kube, (await kube.credentials()).server, "default")
    own = Connection(pachd.address, token=token)
    pachds = Pachds(own, asked)
    board = Board(asked, namespace)
    views = Views(pachds, Pods(Jobs(kube, asked.server, "default")), Verdicts(keys))
    try:
        app = build(board, views, settings or Settings())
        yield board, app, await pachds.own()
    finally:
        await views.close()
        await pachds.close()
        await kube.close()


@asynccontextmanager
async def open_page(pachd, cluster, **how):
    """A client of the page of a world; it has the page's own client of pachd."""
    async with application(pachd, cluster, **how) as (board, app, asking):
        following = asyncio.create_task(board.follow())
        try:
            async with TestClient(TestServer(app)) as client:
                client.asking = asking
                yield client
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def read(page, path, status=200):
    """A page's text, where the options of commands are words like others."""
    answer = await page.get(path, headers=LOCAL)
    text = await answer.text()
    assert status == answer.status, text
    return _OPTION.sub(r"\1", text)
