"""The overview of MnistTrainings, the story of one, and what to do next."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mnist_operator.cli.clusters import find_kubeconfig
from mnist_operator.cli.failures import NoAnswerError, explain_cluster
from mnist_operator.cli.get.remedies import next_step
from mnist_operator.cli.get.stories import overview_lines, story_lines
from mnist_operator.errors import (
    ConflictError,
    DeniedError,
    NotFoundError,
    UnreachableError,
)
from unit.mnistctl_records import INPUT_COMMIT, STAGING, decision, status_of

NOW = datetime(2026, 3, 31, 12, 0, 30, tzinfo=UTC)
HOME = Path("/home/me")


def training(status=None, *, spec=None, generation=1, **meta):
    """One with the defaults that the API server fills in."""
    place = {"project": "default", "branch": "master"}
    return {
        "metadata": {
            "namespace": "team",
            "name": "mnist",
            "generation": generation,
            "creationTimestamp": "2026-03-29T12:00:00Z",
            **meta,
        },
        "spec": {
            "input": {**place, "repo": "inputrepo", "path": "data/mnist.npz"},
            "output": {**place, "repo": "outputrepo", "path": "my_model.h5"},
            "trigger": {"mode": "EveryCommit", "startFrom": "Latest"},
            "suspend": False,
            **(spec or {}),
        },
        "status": status,
    }


def text(lines):
    return "\n".join(line.plain for line in lines)


def story(*arguments, **values):
    return text(story_lines(training(*arguments, **values), now=NOW))


class TestOverview:
    def test_a_line_says_how_one_stands(self):
        lines = overview_lines(
            [training(status_of(published=INPUT_COMMIT, pending=2, active=[{}, {}]))],
            everywhere=True,
            now=NOW,
        )

        header, row = text(lines).splitlines()
        assert header.startswith(
            "NAMESPACE  NAME   READY  REASON    INPUT         MODEL"
        )
        assert row.split() == [
            *("team", "mnist", "True", "UpToDate", INPUT_COMMIT[:12]),
            *(INPUT_COMMIT[::-1][:12], "0.9933", "2", "2", "2d"),
        ]

    def test_one_that_nobody_looked_at_is_a_line_too(self):
        lines = overview_lines([training()], everywhere=False, now=NOW)

        assert ["mnist", *"-----", "-", "0", "2d"] == lines[1].plain.split()


class TestStory:
    def test_it_begins_with_what_was_asked(self):
        shown = story(status_of())

        for line in (
            "MnistTraining team/mnist",
            "  input       default/inputrepo@master, data/mnist.npz",
            "  output      default/outputrepo@master, my_model.h5",
            "  runs        default/outputrepo_runs",
            "  trigger     EveryCommit from Latest",
            "  concurrency Forbid",
            "  suspended   no",
        ):
            assert f"{line}\n" in shown

    def test_all_that_holds_a_commit_back_is_named(self):
        shown = story(
            status_of(),
            spec={
                "trigger": {
                    "mode": "LatestOnly",
                    "startFrom": "Next",
                    "paths": ["data/**", "*.npz"],
                    "minCommits": 3,
                    "debounceSeconds": 60,
                },
                "concurrencyPolicy": "Allow",
                "maxParallel": 4,
                "suspend": True,
            },
        )

        assert (
            "trigger     LatestOnly from Next, if it changes data/** or *.npz,"
            " when 3 are there, after 60 quiet seconds\n" in shown
        )
        assert "concurrency Allow, up to 4 at once\n" in shown
        assert "suspended   yes: nothing new is started\n" in shown

    def test_what_every_condition_says_is_told_once(self):
        status = status_of("Retrying", "Unknown", reconciling=True)
        status["conditions"][2] |= {"reason": "Other", "message": "Something else."}

        shown = story(status)

        since = "since 2026-03-31T12:00:00Z"
        assert f"ready       Unknown {since}, Retrying: All is said.\n" in shown
        assert f"reconciling True {since}\n" in shown
        assert f"stalled     False {since}, Other: Something else.\n" in shown

    def test_every_run_under_way_is_told(self):
        runs = [
            {
                "commit": INPUT_COMMIT,
                "attempt": number,
                "request": "",
                "state": "Running",
                "since": "2026-03-31T12:00:00Z",
                "tfjob": f"mnist-{number}",
                "run": STAGING,
            }
            for number in (1, 2)
        ]

        runs[0]["progress"] = {"epoch": 2, "epochs": 9, "metrics": {"loss": "0.5"}}

        shown = story(status_of("Training", "Unknown", active=runs, pending=2))

        assert 1 == shown.count("  progress    epoch 2/9, loss 0.5\n")
        assert "  tfjob       mnist-1\n" in shown
        assert "  tfjob       mnist-2\n" in shown
        assert "  since       2026-03-31T12:00:00Z (30s)\n" in shown

    def test_commits_and_decisions_are_told(self):
        queue = [{"commit": "9" * 32, "state": "Waiting"}]
        skipped = decision("8" * 32, "Skipped", reason="Superseded", message="")
        status = status_of(
            published=INPUT_COMMIT,
            history=[skipped],
            head="9" * 32,
            queue=queue,
            pending=1,
            lastHandledRequestAt="noon",
        )

        shown = story(status)

        assert f"  head        {'9' * 32}\n" in shown
        assert f"  of input    {INPUT_COMMIT}\n" in shown
        assert f"  queue       {'9' * 32} Waiting\n" in shown
        assert "  request     noon\n" in shown
        assert "  Superseded" in shown.splitlines()

    def test_without_a_status_there_is_a_story_too(self):
        shown = story()

        assert "  ready       unknown: no status yet\n" in shown
        assert (
            "Under way\n  none\nDecisions\n  none\nNext\n  the operator has not"
            in shown
        )

    def test_one_that_is_being_deleted_says_so(self):
        since = "2026-03-31T12:00:00Z"

        assert f"  deleted     {since}\n" in story(deletionTimestamp=since)
        assert "deleted" not in story()

    def test_nothing_is_relied_on(self):
        body = {"metadata": {"namespace": "a", "name": "b"}, "status": {"active": [{}]}}

        assert "?/?@?" in text(story_lines(body, now=NOW))


def stalled(reason, **values):
    return training(status_of(reason, "False", stalled=True), **values)


ELSEWHERE = {"project": "vision", "repo": "models", "branch": "main", "runRepo": "r"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(training(), "is it running?", id="no-status"),
        pytest.param(training(status_of(), generation=2), "not looked at this spec",
                     id="an-older-spec"),
        pytest.param(stalled("InvalidSpec"), "kubectl -n team edit mt mnist",
                     id="invalid"),
        pytest.param(stalled("AccessDenied"), "spec.pachyderm.secretRef",
                     id="no-secret"),
        pytest.param(
            stalled("AccessDenied", spec={"pachyderm": {"secretRef": {"name": "key"}}}),
            "a valid token into Secret team/key", id="refused"),
        pytest.param(stalled("OutputTaken"), "kubectl -n team delete mt mnist",
                     id="taken"),
        pytest.param(stalled("StoppedAfterFailures"),
                     "ask for a run: mnistctl retrain team/mnist",
                     id="too-many-failures"),
        pytest.param(stalled("Unheard"), "do what the message of Stalled says",
                     id="a-newer-operator"),
        pytest.param(training(status_of("Suspended")),
                     "to go on: mnistctl resume team/mnist", id="suspended"),
        pytest.param(training(status_of("TrainingFailed", "False")),
                     "mnistctl runs team/mnist", id="failed"),
        pytest.param(
            training(status_of("TrainingFailed", "False"), spec={"output": ELSEWHERE}),
            "runs team/mnist --project vision --repo models --branch main --run-repo r",
            id="failed-elsewhere"),
    ],
)  # fmt: skip
def test_the_next_step_is_named_with_its_command(body, said):
    step = next_step(body)

    assert said in step
    assert "\n" not in step


@pytest.mark.parametrize(
    "status", [status_of(), status_of("Retrying", "Unknown", reconciling=True)]
)
def test_while_one_can_only_wait_nothing_is_said(status):
    assert next_step(training(status)) is None


class TestKubeconfig:
    def test_the_usual_one_is_found(self, tmp_path):
        usual = tmp_path / ".kube" / "config"
        usual.parent.mkdir()
        usual.touch()
        in_pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}

        assert usual == find_kubeconfig(None, {}, tmp_path)
        assert usual == find_kubeconfig("", in_pod, tmp_path)

    def test_a_pod_needs_none(self):
        assert find_kubeconfig(None, {"KUBERNETES_SERVICE_HOST": "x"}, HOME) is None

    def test_of_several_one_is_enough(self, tmp_path):
        (tmp_path / "a").touch()
        named = f"/nonexistent:{tmp_path}/a"

        assert Path(named) == find_kubeconfig(named, {}, HOME)

    @pytest.mark.parametrize(
        ("named", "said"),
        [(None, "name one with --kubeconfig"), ("/nonexistent", "kubeconfig /nonex")],
    )
    def test_where_there_is_none_it_is_said(self, named, said):
        with pytest.raises(ValueError, match=said):
            find_kubeconfig(named, {}, HOME)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        pytest.param(UnreachableError("kubernetes", "X", "refused:\nno"), "--context",
                     id="unreachable"),
        pytest.param(DeniedError("kubernetes", "X", "forbidden"), "get, list and watch",
                     id="denied"),
        pytest.param(NotFoundError("kubernetes", "X", "no such kind"),
                     "kubectl apply -f crds/mnisttraining.yaml", id="no-crd"),
        pytest.param(ConflictError("kubernetes", "X", "later"), "ask again", id="race"),
        pytest.param(NoAnswerError("there is none"), "is none", id="said-already"),
    ],
)  # fmt: skip
def test_a_cluster_that_gives_no_answer_is_one_line_with_a_remedy(error, remedy):
    line = explain_cluster(error, "https://kube.example.org")

    assert remedy in line
    assert "\n" not in line
