"""From a finished commit to its job in two calls: when the last look still holds."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from mnist_operator.access import Door
from mnist_operator.commits import CommitState
from mnist_operator.follower import Follower
from mnist_operator.metrics import Metrics
from mnist_operator.observer import Observer
from mnist_operator.plan import CreateJob
from mnist_operator.readings import Memory
from mnist_operator.reconcile import reconcile
from mnist_operator.tfjob import Endpoint
from unit.builders import IMAGE, NOW, attempt, commit, observed, source, training

_OPEN = commit(state=CommitState.FINISHING)
_LAST = observed(attempt=attempt(), input_commit=_OPEN, source=source(_OPEN))


class _Pachyderm:
    """Only content is read, and there is nothing to compare it with."""


def remembering(last=_LAST):
    return Memory(waiting=(last, Door(_Pachyderm(), Endpoint("s3"))))


def recall(of, memory, final):
    observer = Observer(None, None, None, default_image=IMAGE)
    return asyncio.run(observer.recall(of, memory, final))


def test_a_prepared_attempt_gets_its_job_as_soon_as_the_data_is_finished():
    looked, _ = recall(training(), remembering(), commit())

    assert (CreateJob(attempt()),) == reconcile(looked, now=NOW).actions


def test_the_last_look_is_used_once():
    memory = remembering()

    recall(training(), memory, commit())

    assert recall(training(), memory, commit()) is None


@pytest.mark.parametrize(
    ("of", "final"),
    [
        pytest.param(training(), None, id="the feed has not seen it finished"),
        pytest.param(training(), commit(2), id="another commit is the head now"),
        pytest.param(
            training(),
            commit(state=CommitState.ERRORED),
            id="it was finished with an error",
        ),
        pytest.param(training(suspend=True), commit(), id="the spec has changed"),
        pytest.param(training(uid="uid-2"), commit(), id="it was created anew"),
    ],
)
def test_whatever_else_has_changed_everything_is_looked_at_again(of, final):
    assert recall(of, remembering(), final) is None


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(replace(_LAST, inputs={}), id="the commit was gone"),
        pytest.param(replace(_LAST, source=source()), id="nothing was to decide"),
        pytest.param(
            replace(_LAST, source=source(_OPEN, head=commit(2))),
            id="it was not the head",
        ),
    ],
)
def test_a_look_that_waited_for_something_else_is_not_used(last):
    assert recall(training(), remembering(last), commit()) is None


def _body(generation, status, **annotations):
    meta = {"generation": generation, "annotations": annotations}
    return {"metadata": meta, "status": status}


class TestWakeUps:
    @pytest.fixture(name="follower")
    def _follower(self):
        lacking = dict.fromkeys(("kube", "lane", "feeds", "settings"))
        engine = SimpleNamespace(**lacking, metrics=Metrics())
        follower = Follower(engine, "team", "mnist")
        follower.sight.generation = 1
        follower.sight.shown = {"head": "a", "lastSuccessfulTime": None}
        return follower

    def test_our_own_status_coming_back_wakes_nobody(self, follower):
        follower.hear(_body(1, {"head": "a"}))

        assert not follower._wake.is_set()

    def test_another_spec_wakes(self, follower):
        follower.hear(_body(2, {"head": "a"}))

        assert follower._wake.is_set()

    @pytest.mark.parametrize(
        "status",
        [
            pytest.param({"head": "b"}, id="somebody wrote the status"),
            pytest.param({}, id="somebody cleared the status"),
        ],
    )
    async def test_another_status_wakes_in_a_while(self, follower, status, monkeypatch):
        loop = asyncio.get_running_loop()
        kept = []
        monkeypatch.setattr(loop, "call_later", lambda *call: kept.append(call))
        follower.hear(_body(1, status))

        ((seconds, ring),) = kept
        assert not follower._wake.is_set()
        assert 1 < seconds < 10
        ring()
        assert follower._wake.is_set()

    def test_a_request_wakes(self, follower):
        follower.hear(_body(1, {"head": "a"}, asked="now"))

        assert follower._wake.is_set()
