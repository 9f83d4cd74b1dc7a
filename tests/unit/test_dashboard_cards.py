"""A MnistTraining at a glance: its state, what to do, and whatever a status holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.dashboard import cards
from mnist_operator.cli.dashboard.cards import State
from unit.builders import examples
from unit.mnistctl_records import status_of


def _body(status=None, name="mnist", namespace="team"):
    meta = {"name": name, "namespace": namespace, "generation": 1}
    return {"metadata": meta, "spec": {}, "status": status or {}}


ACTIVE = {"run": "7" * 32, "commit": "6" * 32, "attempt": 1, "state": "Running"}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param({}, State.UNKNOWN, id="no-operator-has-looked"),
        pytest.param(status_of(), State.READY, id="all-is-decided"),
        pytest.param(
            status_of("AccessDenied", "False", stalled=True),
            State.STALLED,
            id="somebody-must-act",
        ),
        pytest.param(
            status_of("InvalidSpec", "False", stalled=True, active=[ACTIVE]),
            State.STALLED,
            id="somebody-must-act-though-a-run-goes-on",
        ),
        pytest.param(
            status_of("Training", "Unknown", reconciling=True, active=[ACTIVE]),
            State.WORKING,
            id="a-run",
        ),
        pytest.param(
            status_of("TrainingFailed", "False"), State.FAILING, id="the-newest-failed"
        ),
        pytest.param(
            status_of("TrainingFailed", "False", active=[ACTIVE]),
            State.WORKING,
            id="the-newest-failed-and-the-next-runs",
        ),
        pytest.param(status_of("Suspended", "False"), State.WAITING, id="suspended"),
    ],
)
def test_a_state_is_what_its_reader_wants_to_know_first(status, state):
    assert state is cards.read_card(_body(status)).state


def test_a_card_says_what_to_do():
    card = cards.read_card(_body(status_of("AccessDenied", "False", stalled=True)))

    assert "Pachyderm wants a token" in card.remedy
    assert "team/mnist: Stalled, AccessDenied" == cards.sentence(card)


def test_progress_is_told_by_steps_else_by_epochs():
    told = {
        "epoch": 2,
        "epochs": 5,
        "step": 10,
        "steps": 40,
        "metrics": {"loss": "0.1"},
    }
    [active] = cards.read_card(_body({"active": [{**ACTIVE, "progress": told}]})).active
    del told["step"]
    [coarse] = cards.read_card(_body({"active": [{**ACTIVE, "progress": told}]})).active

    assert ((10, 40), (("loss", "0.1"),)) == (
        active.progress.portion,
        active.progress.metrics,
    )
    assert (2, 5) == coarse.progress.portion


@pytest.mark.parametrize(
    "told",
    [
        {"step": 50, "steps": 40},
        {"step": -3, "steps": 40},
        {"step": "1", "steps": 0},
        {"metrics": [1], "estimatedCompletionTime": 7},
        {"step": 1},
    ],
)
def test_progress_never_leaves_its_bounds(told):
    [active] = cards.read_card(_body({"active": [{**ACTIVE, "progress": told}]})).active

    done, whole = active.progress.portion or (0, 0)
    assert 0 <= done <= whole


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["state", "run", "progress", "x"]), inner)
    ),
    max_leaves=8,
)
_NAMES = ["active", "history", "pendingCommits", "lastAccuracy", "head"]


@examples
@given(st.dictionaries(st.sampled_from(_NAMES), _JSON))
def test_whatever_a_status_holds_is_a_card(status):
    card = cards.read_card(_body(status))

    assert "team/mnist" == card.key
    assert isinstance(card.pending, int)


def test_what_needs_somebody_stands_first():
    bodies = [
        _body(status_of(), "a"),
        _body(status_of("TrainingFailed", "False"), "b"),
        _body({}, "c"),
        _body(status_of("InvalidSpec", "False", stalled=True), "d"),
    ]
    every = [cards.read_card(each) for each in bodies]

    assert ["d", "b", "a", "c"] == [each.name for each in cards.choose(every, "", "")]
    assert ["a"] == [each.name for each in cards.choose(every, "", "Ready")]
    assert ["c"] == [each.name for each in cards.choose(every, "TEAM/C", "")]
    assert [("Stalled", 1), ("Failing", 1), ("Ready", 1), ("Unknown", 1)] == [
        *cards.count(every)
    ]
