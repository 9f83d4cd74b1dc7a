"""What is shown of how far runs are: on top of the status, and never against it."""

import json

import pytest

from mnist_operator.clock import ServerClock
from mnist_operator.errors import ConflictError
from mnist_operator.progress import read_progress
from mnist_operator.progress_lane import Lane, Run
from mnist_operator.progress_view import ProgressView
from mnist_operator.sight import Sight
from mnist_operator.status import Reason
from mnist_operator.tfjob import JobPhase
from unit.builders import NOW, attempt, job, observed, training


class Server:
    """Takes what is written, unless somebody has written since."""

    def __init__(self):
        self.clock = ServerClock(lambda: NOW)
        self.version = "7"
        self.status = {}
        self.events = []
        self.writes = 0

    async def call(self, method, path, body, *, kind):
        assert path.endswith("/status")
        if body["metadata"]["resourceVersion"] != self.version:
            raise ConflictError("kubernetes", "PATCH", "it has changed")
        self.writes += 1
        self.version = str(int(self.version) + 1)
        self.status |= body["status"]
        meta = {"name": "mnist", "namespace": "team", "resourceVersion": self.version}
        return json.dumps({"metadata": meta, "status": self.status}).encode()

    async def create_event(self, namespace, body):
        self.events.append(body)


class Scene:
    """A run that trains, and the view of how far it is."""

    def __init__(self, status=None, *, phase=JobPhase.RUNNING):
        opened = attempt()
        self.server, self.sight, self.lane = (
            Server(),
            Sight(),
            Lane(None, seconds=1),
        )
        self.view = ProgressView(self.server, self.lane, self.sight)
        self.run = Run("team", opened.staging, "pod-0", "node-1")
        self.shown = {
            "head": "1",
            "active": [{"run": opened.staging, "state": phase.value}],
        }
        self.seen = observed(
            training=training(status=status or {}),
            attempt=opened,
            jobs=[job(opened, phase=phase, pod="pod-0", node="node-1")],
        )

    def look(self):
        """As the follower does at the end of a look."""
        self.view.saw(self.seen)
        self.sight.shown = self.view.dress(self.shown)
        self.sight.version = self.server.version

    async def hear(self, epoch):
        (reading,) = self.lane._readings.values()
        assert self.run == reading.run
        self.view._written_at = 0.0
        await reading.hear(self.run, said(epoch))


def epoch_of(status):
    return [each.get("progress", {}).get("epoch") for each in status["active"]]


def said(epoch):
    line = json.dumps({"epoch": epoch, "epochs": 9})
    return read_progress(f"progress: {line}\n".encode())


async def test_it_is_written_on_top_of_what_the_last_look_has_shown():
    scene = Scene()
    scene.look()
    await scene.hear(1)
    await scene.hear(2)

    assert [2] == epoch_of(scene.server.status)
    assert {"active"} == scene.server.status.keys()
    assert (scene.server.version, [2]) == (
        scene.sight.version,
        epoch_of(scene.sight.shown),
    )


@pytest.mark.parametrize("answered", [True, False])
async def test_our_own_writing_that_comes_back_is_no_news(answered):
    """The watch may tell of it before the answer to the writing is there."""
    scene = Scene()
    scene.look()
    scene.sight.generation = 1
    await scene.hear(1)
    if not answered:
        scene.sight.shown = scene.shown
    body = {
        "metadata": {"generation": 1, "resourceVersion": "8"},
        "status": scene.shown | scene.server.status,
    }

    assert not scene.sight.hears(body)
    assert not scene.sight.is_overwritten(body)


async def test_the_same_is_not_written_twice():
    scene = Scene()
    scene.look()
    await scene.hear(1)
    await scene.hear(1)

    assert 1 == scene.server.writes


async def test_nothing_is_written_over_what_somebody_has_written_since():
    scene = Scene()
    scene.look()
    scene.server.version = "9"
    await scene.hear(1)

    assert ({}, "7") == (scene.server.status, scene.sight.version)
    scene.look()
    assert [1] == epoch_of(scene.sight.shown)


async def test_the_first_time_is_an_event_and_the_next_is_none():
    scene = Scene()
    scene.look()
    await scene.hear(1)
    await scene.hear(2)

    (event,) = scene.server.events
    assert Reason.TRAINING_BEGUN == event["reason"]
    assert event["message"].startswith("Pod pod-0 on node node-1 has begun to train on")


async def test_what_an_earlier_operator_has_shown_is_kept_and_told_no_more():
    before = Scene().shown["active"][0] | {"progress": said(1).to_json()}
    scene = Scene({"active": [before]})
    scene.look()
    await scene.hear(2)

    assert [2] == epoch_of(scene.server.status)
    assert [] == scene.server.events


async def test_nothing_is_read_of_a_run_that_does_not_run():
    scene = Scene(phase=JobPhase.CREATED)
    scene.look()

    assert 0 == len(scene.lane)


async def test_what_is_heard_after_the_end_is_not_shown():
    scene = Scene()
    scene.look()
    (reading,) = scene.lane._readings.values()
    scene.view.close()
    await reading.hear(scene.run, said(1))

    assert (0, {}) == (len(scene.lane), scene.server.status)
