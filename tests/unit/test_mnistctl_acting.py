"""What became of a request for a run, and which commit was meant by it."""

import asyncio

import click
import pytest

from mnist_operator.cli.act.commits import find_commit
from mnist_operator.cli.act.outcomes import progress, tell_waiting, why_it_ended
from mnist_operator.cli.failures import ExitStatus, NotThereError, explain_cluster
from mnist_operator.errors import DeniedError, NotFoundError
from mnist_operator.resource import REQUESTED_AT
from unit.mnistctl_records import INPUT_COMMIT, STAGING, decision, status_of

ASKED = "2026-03-31T12:00:00.123456Z"
RUN = {
    "commit": INPUT_COMMIT,
    "attempt": 1,
    "state": "Running",
    "tfjob": "mnist-233f354619c8",
    "run": STAGING,
    "request": ASKED,
}


def training(status, *, asked=ASKED, spec=None):
    return {
        "metadata": {
            "namespace": "team",
            "name": "mnist",
            "generation": 1,
            "annotations": {REQUESTED_AT: asked},
        },
        "spec": spec or {},
        "status": status,
    }


def answered(kind, **values):
    return status_of(history=[decision(INPUT_COMMIT, kind, request=ASKED, **values)])


class TestRequest:
    def test_until_the_operator_says_something_it_is_open(self):
        body = training(status_of(published="6" * 32))

        assert why_it_ended(body, ASKED) is None
        assert "" == progress(body, ASKED)

    def test_while_it_runs_its_own_run_is_told_and_no_other(self):
        other = RUN | {"request": "", "tfjob": "another"}
        status = status_of(active=[other, RUN], lastHandledRequestAt=ASKED)

        assert why_it_ended(training(status), ASKED) is None
        told = progress(training(status), ASKED)
        assert told.split() == [
            *("Running", INPUT_COMMIT, "attempt"),
            *("1,", "TFJob", "mnist-233f354619c8"),
        ]

    @pytest.mark.parametrize(
        ("status", "expected", "said"),
        [
            pytest.param(answered("Published"), ExitStatus.DONE, "accuracy 0.9933",
                         id="published"),
            pytest.param(
                answered("Failed", reason="TrainerKilled", message="too big"),
                ExitStatus.RUN_FAILED, "attempt 1: TrainerKilled: too big",
                id="failed"),
            pytest.param(
                answered("Skipped", reason="RequestRefused", message="no such commit"),
                ExitStatus.NO_ANSWER, "no run was started: RequestRefused: no such",
                id="refused"),
            pytest.param(
                status_of(published="6" * 32, lastHandledRequestAt=ASKED),
                ExitStatus.NO_ANSWER, "mnistctl history team/mnist", id="long-ago"),
            pytest.param(status_of("InvalidSpec", "False", stalled=True),
                         ExitStatus.NO_ANSWER, "InvalidSpec: All is said.",
                         id="stalled"),
        ],
    )  # fmt: skip
    def test_its_end_is_told_with_its_own_exit_status(self, status, expected, said):
        end = why_it_ended(training(status), ASKED)

        assert expected == end.status
        assert said in end.line

    def test_a_stop_after_failures_does_not_hold_a_request(self):
        status = status_of("StoppedAfterFailures", "False", stalled=True)

        assert why_it_ended(training(status), ASKED) is None

    @pytest.mark.parametrize("other", ["later", None])
    def test_one_that_another_took_the_place_of_is_not_waited_for(self, other):
        end = why_it_ended(training(status_of(), asked=other), ASKED)

        assert ExitStatus.NO_ANSWER == end.status
        assert f"requested-at is {other or 'gone'}" in end.line

    def test_once_it_is_under_way_another_one_changes_nothing(self):
        status = status_of(active=[RUN], lastHandledRequestAt=ASKED)

        assert why_it_ended(training(status, asked="later"), ASKED) is None


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(None, "0 commits wait", id="no-status"),
        pytest.param(status_of(pending=1), "1 commit waits", id="one"),
        pytest.param(
            status_of(pending=3, active=[RUN | {"request": ""}]),
            "2 commits wait; under way: mnist-233f354619c8", id="beside-a-run"),
        pytest.param(
            status_of(pending=3, active=[RUN]),
            "3 commits wait; under way: mnist-233f354619c8", id="beside-a-request"),
    ],
)  # fmt: skip
def test_what_waits_is_counted_without_what_runs(status, said):
    assert said == tell_waiting(training(status))


def find(wanted, status=None):
    return asyncio.run(find_commit(training(status), wanted, {}))


class TestCommit:
    def test_a_whole_id_needs_nobody(self):
        assert INPUT_COMMIT == find(INPUT_COMMIT.upper())

    @pytest.mark.parametrize(
        "status",
        [
            status_of(head=INPUT_COMMIT),
            status_of(queue=[{"commit": INPUT_COMMIT, "state": "Waiting"}]),
            status_of(active=[RUN]),
            status_of(published=INPUT_COMMIT),
        ],
    )
    def test_a_beginning_that_the_status_names_needs_nobody_either(self, status):
        assert INPUT_COMMIT == find(INPUT_COMMIT[:12], status)

    def test_a_beginning_of_two_is_not_guessed(self):
        other = f"{INPUT_COMMIT[:8]}{'0' * 24}"

        with pytest.raises(NotThereError, match=rf"give more digits \({other}, 5b77"):
            find(INPUT_COMMIT[:6], status_of(head=other, published=INPUT_COMMIT))

    @pytest.mark.parametrize(
        ("wanted", "said"),
        [
            pytest.param("in put", "names no commit", id="no-reference"),
            pytest.param("a/b/c@d", "names no commit", id="too-many-parts"),
            pytest.param("outputrepo@master",
                         "is in repo default/outputrepo, and what is trained on comes"
                         " from default/inputrepo", id="of-the-output"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_an_input_commit_is_a_usage_error(self, wanted, said):
        with pytest.raises(click.UsageError, match=said):
            find(wanted)


@pytest.mark.parametrize(
    ("call", "right"),
    [
        ("PATCH /apis/mnist-operator.dev/v1alpha1/namespaces/team/mnisttrainings/mnist",
         "for patch on mnisttrainings.mnist-operator.dev"),
        ("GET /apis/mnist-operator.dev/v1alpha1/namespaces/team/mnisttrainings/mnist",
         "for get, list and watch on mnisttrainings.mnist-operator.dev"),
        ("GET /apis/kubeflow.org/v1/namespaces/team/tfjobs",
         "for list on tfjobs.kubeflow.org"),
        ("GET /api/v1/namespaces/team/secrets/pachyderm", "for get on secrets"),
        ("GET /api/v1/namespaces/team/pods/x/log", "for get on pods/log"),
        ("POST /api/v1/namespaces/team/pods", "for create on pods"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_right_that_is_missing(call, right):
    error = DeniedError("kubernetes", call, "forbidden")

    assert right in explain_cluster(error, "https://kube.example.org")


def test_a_cluster_without_tfjobs_is_told_what_to_install():
    call = "GET /apis/kubeflow.org/v1/namespaces/team/tfjobs"
    error = NotFoundError("kubernetes", call, "no such kind")

    assert "Kubeflow's training operator" in explain_cluster(error, "https://kube")
