"""What the page says of a reason, held against the runbooks."""

import pytest

from alerts.runbooks import PAGE, SECTIONS, explained
from mnist_operator.cli.dashboard.advice import ADVICE, advise, advise_failure

WHO_ACTS_UPON_NOTHING = {"UpToDate", "TrainingFailed", "ComparingData"}
"""All is well; or the reason of the failure says it; or it is only slow."""
PATIENCE = {
    *("Starting", "Training", "Publishing"),
    *("WaitingForQuiet", "WaitingForCommits"),
}
"""What ends by itself, or goes on for as long as somebody has asked for it."""


@pytest.mark.parametrize("reason", ADVICE)
def test_the_section_of_a_reason_explains_it(reason):
    assert reason in explained(SECTIONS[ADVICE[reason].section])


def test_every_reason_that_somebody_must_act_upon_says_who():
    upon = [SECTIONS[each] for each in ("TrainingStalled", "TrainingFailing")]
    upon += [SECTIONS["SourceUnreachable"], SECTIONS["StaleModel"]]
    reasons = set().union(*map(explained, upon))

    assert reasons - WHO_ACTS_UPON_NOTHING - PATIENCE == set(ADVICE)


def test_an_anchor_is_where_the_code_host_puts_it():
    anchors = {each.anchor for each in ADVICE.values()}

    assert all(f"\n## {each}\n".lower() in PAGE.lower() for each in anchors)


def test_a_word_of_somebody_elses_trainer_leads_to_its_log():
    assert advise("OutOfLuck") is None
    assert "whoever owns the trainer's image" == advise_failure("OutOfLuck").who
    assert "read the log" in advise_failure("OutOfLuck").what


def test_a_reason_that_is_known_is_told_of_a_failure_as_well():
    assert ADVICE["InvalidData"] is advise_failure("InvalidData")
