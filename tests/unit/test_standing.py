"""How a training stands while there is nothing to do.

Input: what was decided, and whether the repo is there. Output: reason, Ready, words.
"""

import pytest

from mnist_operator.crd import NAME_LIMIT
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.standing import stand
from mnist_operator.status import Reason, condition
from unit.builders import NOW, entry, ident, ledger, observed, source, training

_FAILED, _SKIPPED = Decision.FAILED, Decision.SKIPPED
_refused = entry(9, _SKIPPED, reason="RequestRefused", request="now")


@pytest.mark.parametrize(
    ("lines", "reason", "ready", "words"),
    [
        pytest.param([], Reason.WAITING_FOR_DATA, "Unknown", "first commit", id="none"),
        pytest.param([entry(1)], Reason.UP_TO_DATE, "True", ident(1), id="a model"),
        pytest.param(
            [entry(1), entry(2, _FAILED, reason="TrainerFailed", message="No data.")],
            Reason.TRAINING_FAILED,
            "False",
            f"{ident(2)}: TrainerFailed: No data.",
            id="a failure",
        ),
        pytest.param(
            [entry(1, _SKIPPED, reason=SUPERSEDED)],
            Reason.UP_TO_DATE,
            "True",
            f"{ident(1)}. It was skipped: Superseded.",
            id="a skip, with its reason",
        ),
        pytest.param(
            [entry(1, _FAILED), entry(2)],
            Reason.UP_TO_DATE,
            "True",
            ident(2),
            id="a model after a failure",
        ),
        pytest.param(
            [entry(1, _FAILED), _refused],
            Reason.TRAINING_FAILED,
            "False",
            ident(1),
            id="a request that was refused is about no commit: what was before",
        ),
        pytest.param(
            [_refused],
            Reason.WAITING_FOR_DATA,
            "Unknown",
            "first commit",
            id="a request that was refused, and nothing else",
        ),
        pytest.param(
            [entry(1), entry(1, _FAILED, run=ident(0xB002), request="now")],
            Reason.TRAINING_FAILED,
            "False",
            ident(1),
            id="a requested run that failed",
        ),
        pytest.param(
            [entry(1), entry(2, _FAILED), entry(3, _SKIPPED, reason="InputErrored")],
            Reason.TRAINING_FAILED,
            "False",
            f"The last one: {ident(3)}. It was skipped: InputErrored.",
            id="a failure, and a commit that could not be trained",
        ),
        pytest.param(
            [
                entry(1),
                entry(2, _FAILED),
                entry(3, _SKIPPED, reason="ContentUnchanged"),
            ],
            Reason.UP_TO_DATE,
            "True",
            f"{ident(3)}. It was skipped: ContentUnchanged.",
            id="a failure, and then the newest model's own data",
        ),
    ],
)
def test_it_says_how_the_last_commit_ended(lines, reason, ready, words):
    story = stand(observed(source=source(), ledger=ledger(*lines)))

    assert (reason, ready) == (story.reason, story.ready)
    assert words in story.message
    assert not story.stalled
    assert not story.reconciling


RETRAIN = f"mnistctl retrain team/mnist --commit {ident(1)})"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param(
            {},
            f"(not trained again by itself; once the cause is mended: {RETRAIN}",
            id="nothing-but-a-request-does",
        ),
        pytest.param(
            {"onSpecChange": "RetrainLatest"},
            "(not trained again before spec.trainer changes; once the cause is mended:"
            f" {RETRAIN}",
            id="a-new-trainer-does-as-well",
        ),
    ],
)
def test_a_failure_says_what_trains_its_commit_again(spec, words):
    failed = ledger(entry(1, _FAILED, reason="PodLost", message="Gone."))

    story = stand(observed(training=training(**spec), source=source(), ledger=failed))

    assert f"Input commit {ident(1)}: PodLost: Gone. {words}" == story.message


def test_a_failure_whose_data_is_gone_promises_nothing():
    failed = ledger(entry(1, _FAILED, reason="InputGone", message="It was dropped."))

    story = stand(observed(source=source(), ledger=failed))

    assert f"Input commit {ident(1)}: InputGone: It was dropped." == story.message


def test_what_trains_a_commit_again_is_read_also_behind_the_longest_cause():
    failed = ledger(entry(1, _FAILED, reason="R" * 64, message="m" * 500))
    of = training(name="n" * NAME_LIMIT, namespace="s" * 63)

    story = stand(observed(training=of, source=source(), ledger=failed))
    shown = condition(
        *("Ready", "False", story.reason, story.message),
        generation=1,
        previous=(),
        now=NOW,
    )

    assert shown.message.endswith(f"--commit {ident(1)})")


def test_a_repo_that_is_not_there_is_named_whatever_was_decided():
    of = training(input={"project": "vision", "repo": "digits"})
    away = source(repo_exists=False)

    story = stand(observed(training=of, source=away, ledger=ledger(entry(1))))

    assert (Reason.WAITING_FOR_DATA, "Unknown") == (story.reason, story.ready)
    assert "There is no repo vision/digits" in story.message
