"""Whose log is meant: by every name of a run, and by the pods that there are."""

from dataclasses import replace

import pytest

from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.jobs import Jobs, SilentError
from mnist_operator.cli.logs.lookup import find_run
from mnist_operator.cli.logs.runs import (
    Wanted,
    choose_pod,
    parse_wanted,
    read_staging,
    run_of_pod,
    tell_absence,
)
from mnist_operator.errors import UnreachableError
from mnist_operator.runs import (
    Outcome,
    Verdict,
    describe_attempt,
    describe_outcome,
    new_attempt,
)
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL
from unit import mnistctl_records as records
from unit import tfjob_bodies as bodies

RUN = "233f354619c84d15a0d3b6a7cf2a1b11"
OTHER = "233f" * 8
_PLACE = "training.kubeflow.org/replica-"


class TestWanted:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(
                "mnist-233f354619c8",
                Wanted("", "", "233f354619c8", "mnist-233f354619c8", job=True),
                id="tfjob",
            ),
            pytest.param(
                "tfjob/team/mnist-233f354619c8",
                Wanted("", "team", "233f354619c8", "mnist-233f354619c8", job=True),
                id="tfjob-in-a-namespace",
            ),
            pytest.param(RUN, Wanted("", run=RUN), id="whole-id"),
            pytest.param("233F35", Wanted("", run="233f35"), id="capitals"),
            pytest.param("mnist", Wanted("", training="mnist"), id="training"),
            pytest.param("t/mnist", Wanted("", "t", "", "mnist"), id="its-namespace"),
            pytest.param("beef", Wanted("", "", "beef", "beef"), id="either"),
            pytest.param("t/beef", Wanted("", "t", "", "beef"), id="no-id"),
        ],
    )
    def test_a_word_is_all_that_it_can_mean(self, text, expected):
        assert replace(expected, text=text) == parse_wanted(text)

    @pytest.mark.parametrize("text", ["", "a/b/c", "Mnist", "outputrepo@master"])
    def test_what_can_be_nothing_is_refused(self, text):
        with pytest.raises(ValueError, match="names no run: write a TFJob's name"):
            parse_wanted(text)


def staging(outcome=None, *, commit=RUN, number=1):
    """A staging commit, open unless it has an outcome."""
    attempt = new_attempt(
        records.TRAINING, records.INPUT_COMMIT, number, "2" * 64, opened=records.NOON
    )
    ended = outcome is not None
    told = describe_outcome(attempt, outcome) if ended else describe_attempt(attempt)
    finished = records.NOON if ended else None
    return records.output_commit(id=commit, description=told, finished=finished)


class TestRun:
    def test_an_attempt_tells_what_it_was_for_and_how_it_ended(self):
        failed = Outcome(Verdict.FAILED, "TrainerKilled", "Exit code 137.")

        run = read_staging(staging(failed))
        begun = read_staging(staging())

        assert ("team", "mnist-233f354619c8", False) == (
            run.namespace,
            run.tfjob,
            run.is_open,
        )
        assert f"attempt 1 on input commit {records.INPUT_COMMIT}" == run.told
        assert "Failed (TrainerKilled: Exit code 137.)" == run.end
        assert (True, "") == (begun.is_open, begun.end)
        assert read_staging(records.output_commit()) is None

    def test_a_log_that_is_not_there_is_explained(self):
        begun = tell_absence(read_staging(staging()), "runs@1")
        ended = tell_absence(
            read_staging(staging(Outcome(Verdict.ABANDONED, "SpecChanged"))), "runs@1"
        )

        assert "has no log yet: TFJob team/mnist-233f354619c8 has no pod" in begun
        assert "left no log" in ended
        assert ended.endswith("and ended Abandoned (SpecChanged)")


def a_pod(name="worker-0", *, created=bodies.CREATED, run=RUN, **state):
    kind, _, index = name.partition("-")
    pod = bodies.a_pod(f"mnist-{name}", created, **state)
    labels = {
        RUN_LABEL: run,
        TRAINING_LABEL: "mnist",
        f"{_PLACE}type": kind,
        f"{_PLACE}index": index,
    }
    pod["metadata"]["labels"] = labels
    return pod


RUNNING = {"state": {"running": {"startedAt": bodies.STARTED}}}


class TestPod:
    def test_it_is_the_one_that_speaks_for_all(self):
        job = {
            **bodies.a_job(),
            "spec": {"tfReplicaSpecs": {"Worker": {"replicas": 2}}},
        }
        end = {"exitCode": 1, "startedAt": bodies.STARTED, "finishedAt": bodies.CHANGED}
        failed = a_pod("worker-1", state={"terminated": end})

        assert "mnist-worker-0" == choose_pod(
            [a_pod("worker-1", **RUNNING), a_pod(**RUNNING)], [job]
        )
        assert "mnist-worker-1" == choose_pod([a_pod(**RUNNING), failed], [job])

    def test_without_a_word_of_the_tfjob_it_is_the_first(self):
        pods = [a_pod("worker-1"), a_pod(), a_pod("chief-0")]

        assert "mnist-chief-0" == choose_pod(pods, [])
        assert "" == choose_pod([], [])

    def test_another_one_can_be_asked_for(self):
        pods = [a_pod(), a_pod("worker-1")]

        assert "mnist-worker-1" == choose_pod(pods, [], "worker-1")
        assert "" == choose_pod([], [], "worker-1")
        with pytest.raises(ValueError, match="no pod chief-0: there are worker-0, wo"):
            choose_pod(pods, [], "chief-0")

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            pytest.param("mnist", OTHER, id="newest-of-the-training"),
            pytest.param("mnist-233f354619c8", RUN, id="tfjob"),
            pytest.param("233f3546", RUN, id="prefix"),
            pytest.param("other", "", id="none"),
        ],
    )
    def test_pods_alone_say_which_run_it_is(self, asked, expected):
        pods = [a_pod(), a_pod(run=OTHER, created="2026-01-02T00:00:00Z")]

        assert expected == run_of_pod(pods, parse_wanted(asked))


class Client:
    """A run repo with these commits, newest first."""

    def __init__(self, *commits):
        self._commits = commits

    async def commits(self, repo):
        for each in self._commits:
            yield each

    async def commit(self, repo, name):
        return next((each for each in self._commits if each.id == name), None)

    async def branch_exists(self, branch):
        return False

    async def branches(self, repo):
        return []


class TestLookup:
    async def find(self, text, *commits):
        wanted = parse_wanted(text)
        return await find_run(Client(*commits), records.TRAINING, wanted, None)

    @pytest.mark.parametrize("text", [RUN, "233f3546", "mnist-233f354619c8"])
    async def test_a_run_is_found_by_its_id_or_by_the_tfjob_that_has_it(self, text):
        found = await self.find(text, staging(commit=OTHER), staging())

        assert RUN == found.staging

    async def test_what_is_the_beginning_of_several_is_refused(self):
        with pytest.raises(NotThereError, match="233f is the beginning of 2 runs"):
            await self.find("233f", staging(commit=OTHER), staging())

    async def test_commits_that_are_no_runs_do_not_count(self):
        ledger = records.output_commit(id=OTHER)

        assert RUN == (await self.find("233f", ledger, staging())).staging
        assert await self.find(OTHER, ledger) is None


class Broken:
    """An API server whose connection breaks once, in the middle of a log."""

    def __init__(self):
        self.times = 0

    async def follow_log(self, namespace, pod, container, *, follow):
        self.times += 1
        yield b"epoch 1"
        if self.times == 1:
            raise UnreachableError("kubernetes", "GET", "cut")
        yield b"/2\nepoch 2/2\n"


async def test_a_connection_that_breaks_is_made_anew_and_nothing_is_told_twice():
    jobs = Jobs(Broken(), "server", "team")

    told = [piece async for piece in jobs.log("team", "pod", follow=True)]

    assert b"epoch 1/2\nepoch 2/2\n" == b"".join(told)


async def test_who_does_not_follow_is_told_that_it_broke():
    jobs = Jobs(Broken(), "server", "team")

    with pytest.raises(SilentError, match="at server does not answer"):
        async for _ in jobs.log("team", "pod", follow=False):
            pass
