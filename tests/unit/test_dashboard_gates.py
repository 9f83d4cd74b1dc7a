"""What waits, what is held and what is in production, by whatever a status says."""

from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.dashboard import cards, gates
from mnist_operator.cli.dashboard.cards import State
from mnist_operator.runs import canonical
from mnist_operator.test_result import build_test_result
from mnist_operator.trial import read_report
from unit.builders import examples
from unit.mnistctl_records import status_of
from unit.trials import CHAMPION, told, trial

COMMIT = "6" * 32
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


def _promotion(**figures):
    """A promotion.json as the operator writes it."""
    asked = trial()
    report = read_report(asked, told(asked, **figures))
    subject = {"name": "my_model.h5", "digest": {"sha256": "1" * 64}}
    return canonical(build_test_result(subject, asked, report))


def test_a_verdict_has_its_p_value_and_its_sample_sizes():
    found = gates.read_figures(_promotion(both=900, champion=4, challenger=9))

    assert ("Passed", "918") == (found.verdict, found.images)
    assert ("9", "4", CHAMPION) == (
        found.only_challenger,
        found.only_champion,
        found.champion_commit,
    )
    assert ("99.02 %", "98.47 %") == (found.accuracy, found.champion)
    assert 0 < float(found.p) <= 1


def test_a_held_commit_says_how_it_is_let_go():
    status = {"held": [{"commit": COMMIT, "since": "2026-03-31", "message": "Moved."}]}

    [held] = gates.read_held(status, "team/mnist")

    assert "Moved." == held.message
    assert f"mnistctl release team/mnist {COMMIT}" == held.release
    assert f"{held.release} --discard" == held.discard


def test_without_a_gate_there_is_no_production():
    assert gates.read_production({"spec": {}, "status": {}}) is None


def test_a_gate_that_nobody_has_looked_at_yet_says_what_is_asked():
    spec = {"promotion": {"branch": "production", "mode": "Manual"}}

    found = gates.read_production({"spec": spec, "status": None})

    assert ("production", "Manual", "") == (found.branch, found.mode, found.model)


def _body(status):
    meta = {"name": "mnist", "namespace": "team", "generation": 1}
    return {"metadata": meta, "spec": {}, "status": status}


def test_what_is_in_the_way_from_outside_is_no_work():
    busy = status_of("OutputBusy", "False", reconciling=True)

    card = cards.read_card(_body(busy))

    assert State.BLOCKED is card.state
    assert ["whoever opened that commit"] == [each.who for each in card.advice]
    assert card.tells


def test_a_failure_names_whoever_must_act_upon_its_own_reason():
    failed = {"decision": "Failed", "reason": "InvalidData", "message": "x is empty"}
    history = [{"decision": "Skipped", "reason": "Superseded"}, failed]

    card = cards.read_card(_body(status_of("TrainingFailed", history=history)))

    assert ("InvalidData", "x is empty") == (card.cause, card.failure)
    assert ["whoever pushed the data"] == [each.who for each in card.advice]


def test_a_list_tells_a_failure_without_the_command_that_it_would_cut():
    failed = {"decision": "Failed", "reason": "InvalidData", "message": "x is empty"}
    told = "Input commit 4: InvalidData: x is empty (not trained again by itself; …)"
    status = status_of("TrainingFailed", "False", message=told, history=[failed])
    other = status_of("StoppedAfterFailures", message="3 in a row", history=[failed])

    assert "InvalidData: x is empty" == cards.read_card(_body(status)).brief
    assert "3 in a row" == cards.read_card(_body(other)).brief


def test_who_is_ready_needs_nobody():
    assert () == cards.read_card(_body(status_of())).advice


def test_who_stopped_after_failures_is_told_of_both():
    failed = {"decision": "Failed", "reason": "InvalidData", "message": "x is empty"}
    status = status_of("StoppedAfterFailures", stalled=True, history=[failed])

    advice = cards.read_card(_body(status)).advice

    assert ["TrainingStalled", "TrainingFailing"] == [each.section for each in advice]


@examples
@given(_JSON, _JSON)
def test_whatever_is_there_is_read(status, content):
    told = {"held": status, "queue": status, "promotion": status}

    assert isinstance(gates.read_held(told, "team/mnist"), list)
    assert isinstance(gates.read_queue(told), list)
    gates.read_production({"spec": told, "status": told})
    assert gates.read_figures(canonical({"predicate": content})) is None
