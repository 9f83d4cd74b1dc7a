"""The seal of a status: the same for what is the same, another for anything else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator import runs, summary
from mnist_operator.decisions import Decision
from mnist_operator.plan import Plan, Request, Story
from mnist_operator.seal import Heads, heads_of, is_sealable, make_seal
from mnist_operator.status import Reason, Status
from unit.builders import (
    IMAGE,
    NOW,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    source,
    staging_id,
    training,
)

DONE = Plan(Story(Reason.UP_TO_DATE, "", ready="True"))
HEADS = Heads(ident(1), ident(2), ident(3), (ident(4),))
JOBS = {"mnist-1": "7"}
STATUS = {"head": ident(1), "lastSuccessfulTime": None, "pendingCommits": 0}


def seal(*, of=None, status=STATUS, heads=HEADS, jobs=JOBS, image=IMAGE):
    return make_seal(of or training(), status, heads, jobs, image=image)


def at_rest(**fields):
    """One whose only commit was published."""
    decided = ledger(entry())
    wanted = {"ledger": decided, "source": source(head=commit())}
    return observed(**(wanted | fields))


def test_what_is_shown_and_what_is_read_back_have_the_same_seal():
    stored = {"pendingCommits": 0, "head": ident(1), "seal": "of its own"}

    assert seal() == seal(status=stored)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"of": training(uid="uid-2")}, id="created anew"),
        pytest.param({"of": training(name="other")}, id="another training"),
        pytest.param({"of": training(generation=2)}, id="another spec"),
        pytest.param({"of": training(annotations={"a": "b"})}, id="a request"),
        pytest.param({"status": STATUS | {"head": ident(9)}}, id="edited"),
        pytest.param({"status": {}}, id="emptied"),
        pytest.param({"heads": replace(HEADS, input=ident(9))}, id="a push"),
        pytest.param({"heads": replace(HEADS, output=None)}, id="no output"),
        pytest.param({"heads": replace(HEADS, ledger=ident(9))}, id="a decision"),
        pytest.param({"heads": replace(HEADS, slots=())}, id="no attempt"),
        pytest.param({"jobs": {}}, id="a TFJob less"),
        pytest.param({"jobs": {"mnist-1": "8"}}, id="a TFJob that has changed"),
        pytest.param({"image": "another"}, id="another default image"),
    ],
)
def test_anything_that_has_changed_breaks_it(changed):
    assert seal() != seal(**changed)


def test_another_version_of_the_operator_looks_for_itself(monkeypatch):
    before = seal()
    monkeypatch.setattr("mnist_operator.seal.__version__", "another")

    assert before != seal()


def test_a_head_moved_to_where_another_was_breaks_it():
    swapped = replace(HEADS, input=HEADS.output, output=HEADS.input)

    assert seal() != seal(heads=swapped)


def test_the_heads_are_those_that_a_look_has_seen():
    decided = closed(attempt())
    seen = at_rest(attempts=(decided,), output=ident(2))

    assert Heads(ident(1), ident(2), "l", (staging_id(),)) == heads_of(seen, "l")
    assert Heads(None, None, None) == heads_of(observed(source=source()), None)


def test_one_that_is_up_to_date_is_sealed():
    assert is_sealable(at_rest(), DONE)


@pytest.mark.parametrize(
    ("seen", "plan"),
    [
        pytest.param(observed(), DONE, id="a commit waits"),
        pytest.param(
            at_rest(), Plan(Story(Reason.SUSPENDED, "", ready="False")), id="not ready"
        ),
        pytest.param(
            at_rest(), replace(DONE, look_again_at=NOW + timedelta(1)), id="later"
        ),
        pytest.param(at_rest(request=Request("now")), DONE, id="a run is wanted"),
        pytest.param(
            at_rest(ledger=ledger(entry(1, Decision.HELD))), DONE, id="one is held"
        ),
        pytest.param(at_rest(attempts=(attempt(),)), DONE, id="a run"),
        pytest.param(
            at_rest(
                training=training(
                    promotion={"heldOut": {"repo": "images", "branch": "master"}}
                )
            ),
            DONE,
            id="models are compared",
        ),
    ],
)
def test_whatever_has_more_to_come_is_not(seen, plan):
    assert not is_sealable(seen, plan)


def test_a_trouble_and_a_summary_carry_no_seal_of_their_own():
    sealed = training(status={**summary_of(at_rest()), "seal": "s"})
    story = Story(Reason.SOURCE_UNREACHABLE, "away", ready="Unknown")

    assert "seal" not in summary_of(at_rest())
    assert "seal" not in summary.tell_trouble(sealed, story, now=NOW).to_json()


def summary_of(seen):
    return summary.summarize(seen, DONE.story, now=NOW).to_json()


def test_a_sealed_status_can_be_read():
    read = Status.model_validate({**summary_of(at_rest()), "seal": seal()})

    assert seal() == read.seal
    assert runs.job_name("mnist", staging_id()) == read.history[0].tfjob
