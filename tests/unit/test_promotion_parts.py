"""What promotion adds to all else: lines, attempts, records, Events, status."""

from dataclasses import replace

import pytest

from mnist_operator import announce, evidence, lanes, runs
from mnist_operator.commits import CommitState
from mnist_operator.decisions import read_line
from mnist_operator.gate import Ruling
from mnist_operator.job_request import Endpoint
from mnist_operator.ledger import counting
from mnist_operator.openings import start_next
from mnist_operator.orders import order_job
from mnist_operator.outcomes import retry
from mnist_operator.pods import build_template
from mnist_operator.production import Production
from mnist_operator.promoting import NOT_ASKED
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict as End
from mnist_operator.status import Reason
from mnist_operator.summary import summarize
from mnist_operator.test_result import PROMOTION_FILE, read_verdict
from unit.builders import (
    NOW,
    ago,
    attempt,
    begun,
    closed,
    commit,
    entry,
    ledger,
    observed,
)
from unit.evidence import MODEL
from unit.evidence import evidence as some_evidence
from unit.promotions import (
    LINES,
    NEW,
    OLD,
    OLDER,
    WITHHELD,
    WORSE,
    look,
    move,
)
from unit.trials import CHAMPION, told, trial


class TestTheLedger:
    """Lines about production: written twice they count once."""

    def test_a_line_is_read_back_as_it_was_written(self):
        line = move(OLD, OLDER, request="now", message="m")

        assert line == read_line(line.to_line())

    def test_they_decide_nothing_about_commits(self):
        lines = [begun(), entry(1), move(OLD), WITHHELD]

        assert ledger(entry(1)).recent == ledger(*lines[1:]).recent
        assert [True] * 4 == counting(lines)

    @pytest.mark.parametrize(
        "line", [move(OLD), WITHHELD, move(OLDER, OLD, "RolledBack", request="now")]
    )
    def test_twice_is_once(self, line):
        assert [True, False] == counting([line, line])

    def test_a_model_is_promoted_by_itself_once_whatever_came_between(self):
        lines = [move(OLD), move(OLDER, OLD, "ByHand"), move(OLD)]

        assert [True, True, False] == counting(lines)

    def test_a_move_by_hand_counts_as_often_as_it_happens(self):
        back, forth = move(OLDER, reason="ByHand"), move(OLD, reason="ByHand")

        assert [True, True, True, False] == counting([forth, back, forth, forth])

    def test_a_request_that_was_declined_withholds_nothing(self):
        line = replace(WITHHELD, request="now")
        found = ledger(line)

        assert (frozenset(), frozenset({"now"})) == (found.withheld, found.answered)
        assert line == found.last_answer


class TestTheAttempt:
    """What is to be compared is fixed when it is opened."""

    def test_is_opened_with_what_is_in_production(self):
        seen = observed(production=Production(OLD, trial=trial()))

        assert trial() == start_next(seen, NOW).actions[0].trial
        assert lanes.trial_of(observed()) is None

    def test_another_one_compares_with_what_is_there_by_then(self):
        failed = closed(
            attempt(trial=trial(OLDER)), End.FAILED, retryable=True, at=ago(3600)
        )
        seen = observed(attempt=failed, production=Production(OLD, trial=trial()))

        assert trial() == retry(seen, NOW).actions[0].trial

    def test_is_read_back_with_it(self):
        opened = attempt(trial=trial(min_accuracy="0.9"))
        staged = commit(
            opened.staging,
            state=CommitState.OPEN,
            description=runs.describe_attempt(opened),
            started=opened.opened,
        )

        assert opened == runs.read_attempt(staged)

    def test_writes_down_what_is_asked(self):
        opened = attempt(trial=trial())
        asked = runs.build_request(opened, observed().spec)

        assert trial().to_json() == asked["heldOut"]
        assert evidence.is_request(opened, asked)
        assert not evidence.is_request(attempt(), asked)

    def test_tells_the_trainer(self):
        order = order_job(observed(), attempt(trial=trial()), Endpoint("s3:600"))
        container = build_template(order, {})["spec"]["containers"][0]
        found = {each["name"]: each.get("value") for each in container["env"]}

        assert trial().name_variables().items() <= found.items()

    def test_tells_nothing_where_nothing_is_compared(self):
        order = order_job(observed(), attempt(), Endpoint("s3:600"))
        container = build_template(order, {})["spec"]["containers"][0]

        assert not [e for e in container["env"] if e["name"][:4] in {"HELD", "CHAM"}]


class TestTheRecord:
    """promotion.json is a file of the model's commit, which the operator adds."""

    def test_has_the_gates_word(self):
        found = evidence.with_verdict(
            some_evidence(), trial(), runs.canonical(told(trial()))
        )
        verdict = read_verdict(found.promotion)

        assert (Ruling.PASSED, CHAMPION) == (verdict.ruling, verdict.champion)
        assert PROMOTION_FILE == found.files[-1].path
        assert len(found.promotion) == found.files[-1].size

    def test_says_so_where_the_trainer_left_nothing(self):
        found = evidence.with_verdict(some_evidence(), trial(), b"")

        assert Ruling.NOT_COMPARED == read_verdict(found.promotion).ruling

    def test_is_not_the_trainers_to_write(self):
        forged = replace(MODEL, path=PROMOTION_FILE)
        fault = evidence.find_fault(some_evidence(files=(MODEL, forged), manifest={}))

        assert "The trainer wrote /promotion.json, which is the operator's" in fault


_EVENTS = {
    "promoted": (move(NEW, OLD), Reason.PROMOTED, False),
    "the first": (move(NEW), Reason.PROMOTED, False),
    "refused": (replace(WITHHELD, reason="Worse"), Reason.PROMOTION_REFUSED, True),
    "held": (WITHHELD, Reason.PROMOTION_HELD, True),
    "declined": (replace(WITHHELD, request="now"), Reason.PROMOTION_REFUSED, True),
}


@pytest.mark.parametrize(("line", "reason", "warning"), _EVENTS.values(), ids=_EVENTS)
def test_each_line_is_an_event(line, reason, warning):
    [event] = announce.tell_entries([line])

    assert (reason, warning) == (event.reason, event.warning)
    assert NEW in event.message


_STATUS = {
    "in production": (look(commit=OLD), "InProduction", "As good."),
    "passed": (look(mode="Manual"), "Waiting", "mnistctl promote"),
    "worse": (look(WORSE), "Worse", "Much worse."),
    "not compared": (look(None), "NotCompared", NOT_ASKED),
    "rolled back": (look(lines=(*LINES, move(NEW, OLD), move(OLD, NEW, "R"))),
                    "RolledBack", "another model was put in its place"),
    "no model": (look(commit="", head="", lines=()), "NoModel", "No model"),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "reason", "said"), _STATUS.values(), ids=_STATUS)
def test_the_status_says_why_the_newest_model_is_where_it_is(seen, reason, said):
    status = summarize(seen, settle_story(seen), now=NOW).promotion

    assert reason == status.reason
    assert said in status.message
    assert seen.production.head == status.production_commit


def settle_story(seen):
    return reconcile(seen, now=NOW).story


def test_the_status_says_what_came_of_the_last_request():
    declined = replace(WITHHELD, request="later", reason="Worse", message="m")
    moved = move(NEW, OLD, "Requested", request="now", message="Fine.")
    first = look(lines=(*LINES, moved), head=NEW)
    second = look(lines=(*LINES, moved, declined), head=NEW)
    told_of = [
        summarize(each, settle_story(each), now=NOW).promotion
        for each in (first, second)
    ]

    assert ["now", "later"] == [each.last_handled_request_at for each in told_of]
    assert [f"Promoted: {NEW}: Requested: Fine.", "Worse: m"] == [
        each.last_answer for each in told_of
    ]


def test_without_a_promotion_the_status_has_none():
    assert summarize(observed(), settle_story(observed()), now=NOW).promotion is None
