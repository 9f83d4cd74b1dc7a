"""What the condition Reconciling says: which attempt is how far."""

import pytest

from mnist_operator.plan import Story
from mnist_operator.status import Reason
from mnist_operator.summary import summarize, tell_trouble
from mnist_operator.tfjob import JobPhase
from unit.builders import NOW, ago, attempt, ident, job, observed, training

_STORY = Story(Reason.TRAINING, "Training.", ready="Unknown", reconciling=True)
_TROUBLE = Story(Reason.SOURCE_UNREACHABLE, "away", ready="False", reconciling=True)
_IDLE = Story(Reason.UP_TO_DATE, "Every commit is decided.", ready="True")
_MANY = [attempt(commit_number=n, slot=n, opened=ago(9 - n)) for n in range(1, 6)]


def work(status):
    """What the condition Reconciling says."""
    return status.conditions[1].message


@pytest.mark.parametrize(
    ("story", "fields", "told"),
    [
        pytest.param(
            _STORY,
            {"attempt": attempt(2), "jobs": [job(attempt(2), phase=JobPhase.RUNNING)]},
            f"Attempt 2 for input commit {ident(1)}: Running.",
            id="a-run",
        ),
        pytest.param(
            _STORY,
            {"attempts": _MANY[:2]},
            f"Attempt 1 for input commit {ident(1)}: Opened;"
            f" Attempt 1 for input commit {ident(2)}: Opened.",
            id="two-runs",
        ),
        pytest.param(_STORY, {"attempts": _MANY}, "Opened; 2 more.", id="many"),
        pytest.param(
            _STORY,
            {},
            "No run is under way; Ready says what is waited for, or done.",
            id="something-is-waited-for",
        ),
        pytest.param(_IDLE, {}, "Nothing is under way.", id="at-rest"),
    ],
)
def test_reconciling_says_which_run_is_how_far_and_not_what_ready_says(
    story, fields, told
):
    status = summarize(observed(**fields), story, now=NOW)

    assert work(status).endswith(told)
    assert story.message == status.conditions[0].message


@pytest.mark.parametrize(
    ("story", "told"),
    [
        (_TROUBLE, "The last look failed, and will be repeated; Ready says why."),
        (
            Story(Reason.INVALID_SPEC, "no", ready="False", stalled=True),
            "Nothing goes on before that is mended which Stalled names.",
        ),
    ],
)
def test_where_nothing_can_be_seen_reconciling_says_what_comes_of_that(story, told):
    assert told == work(tell_trouble(training(), story, now=NOW))
