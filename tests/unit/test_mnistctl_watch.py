"""What mnistctl watch tells: the difference of two statuses, and how waiting ends."""

import pytest

from mnist_operator.cli.get import happenings
from mnist_operator.cli.get.happenings import Verdict, remember, tell, verdict
from unit.mnistctl_records import decision, status_of

ONE, TWO = "1" * 32, "2" * 32
IDLE = status_of(published=ONE)


def changes(before, after):
    return [tell(*each) for each in happenings.happened(before, after)]


def beginning(status):
    return [tell(*each) for each in happenings.beginning(status)]


def run(state, commit=TWO, attempt=1, **values):
    return {
        "commit": commit,
        "attempt": attempt,
        "run": f"{attempt}" * 32,
        "tfjob": f"mnist-{attempt}",
        "state": state,
        **values,
    }


def under_way(*runs, reason="Training", message="TFJob trains.", pending=1):
    return status_of(
        reason,
        "Unknown",
        message=message,
        published=ONE,
        active=[*runs],
        pending=pending,
    )


RUNNING = under_way(run("Running"))
BOTH = under_way(run("Running"), run("Running", ONE, 2))
RETRYING = under_way(run("Retrying"), reason="Retrying", message="Attempt 1 failed.")
FAILED = status_of(
    "TrainingFailed",
    "False",
    message="x_train is missing",
    history=[decision(TWO, "Failed"), decision(ONE)],
)


SKIPPED = decision(TWO, "Skipped", attempt=0, reason="Superseded", message="")
MODEL = f"model {ONE}, accuracy 0.9933"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param(IDLE, IDLE, [], id="nothing"),
        pytest.param(
            IDLE,
            RUNNING,
            [
                "Pending         1 commit",
                f"Running         {TWO} attempt 1, TFJob mnist-1",
            ],
            id="a-run-the-condition-says-no-more",
        ),
        pytest.param(
            RUNNING,
            under_way(run("Publishing"), reason="Publishing"),
            [f"Publishing      {TWO} attempt 1, TFJob mnist-1"],
            id="its-next-state",
        ),
        pytest.param(
            IDLE,
            under_way(run("Created", tfjob=""), reason="Starting"),
            ["Pending         1 commit", f"Starting        {TWO} attempt 1"],
            id="a-job-without-a-pod-is-starting",
        ),
        pytest.param(
            under_way(run("Created"), reason="Starting"),
            under_way(run("Created"), reason="Starting", message="ImagePullBackOff"),
            ["Starting        Ready Unknown: ImagePullBackOff"],
            id="other-words-while-nothing-else-happens",
        ),
        pytest.param(
            under_way(run("Created"), reason="Starting"),
            under_way(run("Created"), reason="Starting", message="more", pending=2),
            ["Pending         2 commits"],
            id="other-words-beside-something-else",
        ),
        pytest.param(
            RUNNING,
            RETRYING,
            ["Retrying        Ready Unknown: Attempt 1 failed."],
            id="a-retry-is-told-by-the-condition",
        ),
        pytest.param(
            RETRYING,
            under_way(run("Running", attempt=2)),
            [f"Running         {TWO} attempt 2, TFJob mnist-2"],
            id="the-next-attempt",
        ),
        pytest.param(
            IDLE,
            BOTH,
            [
                "Pending         1 commit",
                f"Running         {TWO} attempt 1, TFJob mnist-1",
                f"Running         {ONE} attempt 2, TFJob mnist-2",
            ],
            id="two-at-once",
        ),
        pytest.param(
            RUNNING,
            status_of(history=[decision(TWO), decision(ONE)]),
            [
                f"Published       {TWO} attempt 1, model {TWO}, accuracy 0.9933",
                "Pending         0 commits",
                "UpToDate        Ready True: All is said.",
            ],
            id="a-model",
        ),
        pytest.param(
            RUNNING,
            FAILED,
            [
                f"Failed          {TWO} attempt 1: DataInvalid: x_train is missing",
                "Pending         0 commits",
                "TrainingFailed  Ready False",
            ],
            id="a-failure-with-its-message-once",
        ),
        pytest.param(
            IDLE,
            FAILED | {"history": IDLE["history"]},
            ["TrainingFailed  Ready False: x_train is missing"],
            id="a-condition-alone-keeps-its-message",
        ),
        pytest.param(
            IDLE,
            status_of(history=[SKIPPED, decision(ONE)]),
            [f"Skipped         {TWO}: Superseded"],
            id="a-skip",
        ),
        pytest.param(
            IDLE,
            status_of(history=[decision(ONE, request="noon"), decision(ONE)]),
            [f"Published       {ONE} attempt 1 (requested: noon), {MODEL}"],
            id="the-same-commit-once-more",
        ),
        pytest.param(
            IDLE,
            IDLE | {"lastHandledRequestAt": "noon"},
            ["Handled         the request noon"],
            id="a-request",
        ),
        pytest.param(
            IDLE,
            status_of("InvalidSpec", "False", stalled=True, published=ONE),
            ["InvalidSpec     Ready False, stalled: All is said."],
            id="stalled",
        ),
        pytest.param(
            IDLE,
            status_of(message="a\x1b[2J\nb", published=ONE),
            ["UpToDate        Ready True: a [2J b"],
            id="nothing-moves-the-cursor",
        ),
        pytest.param(IDLE, {}, [], id="a-status-that-was-deleted"),
        pytest.param({}, {"history": None, "active": None}, [], id="nulls"),
        pytest.param(
            {},
            {"history": [{}], "active": [{}]},
            ["?               no commit", "?               no commit"],
            id="nothing-is-relied-on",
        ),
    ],
)  # fmt: skip
def test_what_happened_is_told_once(before, after, told):
    assert told == changes(before, after)


def test_more_than_a_status_holds_is_said():
    before, after = (
        status_of(history=[decision(f"{n:032x}") for n in numbers])
        for numbers in (range(10), range(20, 30))
    )

    first, *rest = changes(before, after)

    assert first == "More            was decided than is told here: mnistctl history"
    assert 10 == len(rest)


def test_the_beginning_says_how_things_stand_and_nothing_of_the_past():
    handled = IDLE | {"lastHandledRequestAt": "noon"}

    assert ["UpToDate        Ready True: All is said."] == beginning(handled)
    assert [
        "Pending         1 commit",
        f"Running         {TWO} attempt 1, TFJob mnist-1",
    ] == beginning(RUNNING)
    assert [] == beginning({})


def test_decisions_are_told_oldest_first():
    after = status_of(history=[decision(TWO), decision(ONE)])

    words = [line.split()[1] for line in changes({}, after)[:2]]

    assert [ONE, TWO] == words


def test_a_decision_that_came_back_is_no_news():
    known = remember(remember({}, IDLE), {})

    assert ["UpToDate        Ready True: All is said."] == changes(known, IDLE)


def test_what_has_left_the_history_is_remembered():
    later = status_of(history=[decision(TWO)])

    assert later["history"] + IDLE["history"] == remember(IDLE, later)["history"]


REFUSED = decision("", "Skipped", request="noon", reason="NoSuchCommit")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param({}, None, id="nobody-looked"),
        pytest.param(IDLE, Verdict.READY, id="ready"),
        pytest.param(IDLE | {"observedGeneration": 0}, None, id="of-an-older-spec"),
        pytest.param(RUNNING, None, id="under-way"),
        pytest.param(FAILED, Verdict.FAILED, id="failed"),
        pytest.param(
            FAILED | {"history": [REFUSED, *FAILED["history"]]},
            Verdict.FAILED,
            id="failed-and-then-a-request-was-refused",
        ),
        pytest.param(
            status_of("Suspended", "False", history=FAILED["history"]),
            Verdict.FAILED,
            id="failed-and-suspended",
        ),
        pytest.param(
            status_of(
                "StoppedAfterFailures",
                "False",
                stalled=True,
                history=FAILED["history"],
            ),
            Verdict.FAILED,
            id="failed-too-often",
        ),
        pytest.param(
            status_of("AccessDenied", "False", stalled=True, history=FAILED["history"]),
            Verdict.STALLED,
            id="somebody-must-act",
        ),
        pytest.param(
            status_of("SourceUnreachable", "False", reconciling=True),
            None,
            id="an-outage",
        ),
        pytest.param(
            status_of(
                "SourceUnreachable",
                "False",
                reconciling=True,
                history=FAILED["history"],
            ),
            None,
            id="an-outage-after-a-failure",
        ),
    ],
)
def test_waiting_ends_when_nothing_more_will_come(status, expected):
    body = {"metadata": {"generation": 1}, "status": status}

    assert expected == verdict(body)
