"""Which Events go with the conditions of a training, and how often."""

import pytest

from mnist_operator.plan import Story
from mnist_operator.post import Herald
from mnist_operator.status import Reason
from mnist_operator.summary import summarize
from unit.builders import NOW, observed, training


class Events:
    """The API server's, in the order in which they were posted."""

    def __init__(self) -> None:
        self.posted = []

    async def create_event(self, _, event):
        self.posted.append((event["type"], event["reason"], event["message"]))


async def told(*stories):
    events = Events()
    herald = Herald(events)
    for story in stories:
        await herald.tell(training(), story, now=NOW)
    return events.posted


DENIED = Story(Reason.ACCESS_DENIED, "No grant.", ready="False", stalled=True)
WELL = Story(Reason.UP_TO_DATE, "All is well.", ready="True")


def stopped(waiting):
    message = f"2 commits failed, {waiting} wait."
    return Story(Reason.STOPPED_AFTER_FAILURES, message, ready="False", stalled=True)


async def test_a_training_that_stands_still_is_told_of_once():
    assert [("Warning", "AccessDenied", "No grant.")] == await told(DENIED, DENIED)


async def test_it_is_told_again_after_all_was_well():
    assert 2 == len(await told(DENIED, WELL, DENIED))


async def test_a_state_whose_message_counts_what_waits_is_one_state():
    posted = await told(*(stopped(n) for n in range(9)))

    assert [("Warning", "StoppedAfterFailures", "2 commits failed, 0 wait.")] == posted


async def test_one_trouble_after_another_is_told():
    reasons = [reason for _, reason, _ in await told(DENIED, stopped(1))]

    assert ["AccessDenied", "StoppedAfterFailures"] == reasons


@pytest.mark.parametrize(
    "reason",
    [Reason.SOURCE_UNREACHABLE, Reason.OUTPUT_BUSY, Reason.INTERNAL_ERROR],
)
async def test_what_somebody_mostly_has_to_mend_is_told_of_too(reason):
    story = Story(reason, "Away.", ready="False", reconciling=True)

    assert [("Warning", reason.value, "Away.")] == await told(story, story)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(WELL, id="all-is-well"),
        pytest.param(Story(Reason.TRAINING, "", reconciling=True), id="at-work"),
        pytest.param(
            Story(Reason.DATA_GATE_HELD, "", stalled=True),
            id="the-decision-has-its-own",
        ),
    ],
)
async def test_nothing_is_told_of(story):
    assert [] == await told(story)


async def test_a_story_with_an_event_of_its_own_has_that_one_alone():
    own = Story(Reason.WAITING_FOR_COMMIT, "Open.", event=Reason.COMMIT_LEFT_OPEN)

    assert [("Warning", "CommitLeftOpen", "Open.")] == await told(own, own)


@pytest.mark.parametrize(
    ("stalled", "told"), [(True, "The token."), (False, "Nothing is stalled.")]
)
def test_only_what_is_stalled_says_why_in_that_condition(stalled, told):
    status = summarize(
        observed(), Story(Reason.ACCESS_DENIED, "The token.", stalled=stalled), now=NOW
    )

    messages = {each.type: each.message for each in status.conditions}
    assert {
        "Ready": "The token.",
        "Reconciling": "Nothing is under way.",
        "Stalled": told,
    } == messages
