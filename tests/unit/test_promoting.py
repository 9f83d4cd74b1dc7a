"""Who moves the production branch, to what, and why not: decisions, one by one.

What comes of them after a crash is in test_promotion_crashes.
"""

from dataclasses import replace

import pytest

from mnist_operator import announce, evidence, lanes, runs
from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision, Entry, read_line
from mnist_operator.gate import Ruling
from mnist_operator.job_request import Endpoint
from mnist_operator.ledger import Ledger, counting
from mnist_operator.openings import start_next
from mnist_operator.orders import order_job
from mnist_operator.outcomes import retry
from mnist_operator.plan import Promote, Record
from mnist_operator.pods import build_template
from mnist_operator.production import Candidate, MoveRequest, Production, find_target
from mnist_operator.promoting import NOT_ASKED, settle
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict as End
from mnist_operator.status import Reason
from mnist_operator.summary import summarize
from mnist_operator.test_result import PROMOTION_FILE, Verdict, read_verdict
from unit.builders import (
    NOW,
    ago,
    attempt,
    begun,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    source,
    training,
)
from unit.evidence import MODEL
from unit.evidence import evidence as some_evidence
from unit.trials import CHAMPION, told, trial

_OLDER, _OLD, _NEW = ident(0xF000), CHAMPION, ident(0xF002)
_GATE = {"heldOut": {"repo": "held_out", "branch": "master"}}
_PASSED = Verdict(Ruling.PASSED, "NotWorse", "As good.", _OLD)
_WORSE = Verdict(Ruling.REFUSED, "Worse", "Much worse.", _OLD)


def move(output, previous="", reason="Automatic", **fields):
    return Entry(
        ago(600),
        Decision.PROMOTED,
        reason=reason,
        output=output,
        previous=previous,
        **fields,
    )


_LINES = (entry(1), entry(2), move(_OLDER), move(_OLD, _OLDER))


def look(verdict=_PASSED, *, mode="Automatic", lines=_LINES, commit=_NEW, **fields):
    """The newest model has this verdict; another one is in production."""
    of = training(promotion=_GATE | {"mode": mode})
    candidate = Candidate(commit, ident(2), verdict) if commit else None
    shown = {"head": _OLD, "candidate": candidate} | fields
    return observed(
        training=of,
        ledger=ledger(*lines),
        source=source(head=None),
        production=Production(**shown),
    )


def asking(kind="Promote", commit="", model=_NEW, verdict=_PASSED, **fields):
    found = Candidate(model, ident(2), verdict) if model else None
    return {"request": MoveRequest("now", kind, commit, model=found, **fields)}


def line_of(plan):
    """The one line that a plan writes, and whether it moves the branch first."""
    [action] = plan.actions
    if isinstance(action, Promote):
        return "moved", action.entry
    assert isinstance(action, Record)
    [found] = action.entries
    return "recorded", found


_WITHHELD = Entry(ago(60), Decision.WITHHELD, output=_NEW, reason="ChampionChanged")
_DECISIONS = {
    "passed": (look(), "moved", "Automatic"),
    "the first": (look(Verdict(Ruling.PASSED, "First", ""), head="", lines=_LINES[:2]),
                  "moved", "Automatic"),
    "worse": (look(_WORSE), "recorded", "Worse"),
    "not asked": (look(None), "recorded", "NotCompared"),
    "another champion": (look(replace(_PASSED, champion=_OLDER)), "recorded",
                         "ChampionChanged"),
    "there was none": (look(replace(_PASSED, champion="")), "recorded",
                       "ChampionChanged"),
    "there is none": (look(head="", lines=_LINES[:2]), "recorded", "ChampionChanged"),
    "died after the move": (look(head=_NEW), "recorded", "Automatic"),
    "moved by hand": (look(head=_OLDER), "recorded", "ByHand"),
    "moved to the new one, though worse": (look(_WORSE, head=_NEW), "recorded",
                                           "ByHand"),
    "moved by hand while manual": (look(mode="Manual", head=_NEW), "recorded",
                                   "ByHand"),
    "asked for": (look(mode="Manual", **asking()), "moved", "Requested"),
    "asked for, worse": (look(_WORSE, **asking(verdict=_WORSE)), "recorded", "Worse"),
    "asked for, not compared": (look(None, **asking(verdict=None)), "recorded",
                                "NotCompared"),
    "forced": (look(_WORSE, **asking(verdict=_WORSE, forced="because")), "moved",
               "Forced"),
    "forced needlessly": (look(**asking(forced="because")), "moved", "Requested"),
    "forced, not compared": (look(None, **asking(verdict=None, forced="x")), "moved",
                             "Forced"),
    "no such model": (look(**asking(model="")), "recorded", "NoModel"),
    "no such word": (look(**asking("Demote")), "recorded", "UnknownRequest"),
    "the present one": (look(**asking(model=_OLD)), "recorded", "InProduction"),
    "rolled back": (look(**asking("Rollback", model=_OLDER)), "moved", "RolledBack"),
    "rolled back to nothing": (look(**asking("Rollback", model="")), "recorded",
                               "NothingBefore"),
    "rolled back to a stranger": (
        look(**asking("Rollback", commit=_NEW, model="")), "recorded", "NoModel"),
    "rolled back to a new one": (look(**asking("Rollback")), "recorded",
                                 "NeverPromoted"),
    "died after a request": (look(head=_NEW, **asking()), "recorded", "Requested"),
    "died after a rollback": (look(head=_OLDER, **asking("Rollback", model=_OLDER)),
                              "recorded", "RolledBack"),
    "by hand, not as was asked": (
        look(head=_NEW, **asking("Rollback", model=_OLDER)), "recorded", "Automatic"),
    "by hand to where nobody may ask": (
        look(_WORSE, head=_NEW, **asking(verdict=_WORSE)), "recorded", "ByHand"),
    "by hand, and nonsense asked": (look(head=_OLDER, **asking("Demote", model=_OLDER)),
                                    "recorded", "ByHand"),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "how", "reason"), _DECISIONS.values(), ids=_DECISIONS)
def test_what_is_done(seen, how, reason):
    done, line = line_of(settle(seen, NOW))

    assert (how, reason) == (done, line.reason)


_QUIET = {
    "no promotion": observed(),
    "no model yet": look(commit="", head="", lines=()),
    "passed, and manual": look(mode="Manual"),
    "in production": look(commit=_OLD),
    "was in production": look(lines=(*_LINES, move(_NEW, _OLD), move(_OLD, _NEW, "R"))),
    "withheld before": look(_WORSE, lines=(*_LINES, _WITHHELD)),
    "withheld, and would pass now": look(lines=(*_LINES, _WITHHELD)),
}


@pytest.mark.parametrize("seen", _QUIET.values(), ids=_QUIET)
def test_where_nothing_is_to_be_done_nothing_is(seen):
    assert settle(seen, NOW) is None


def test_promotion_comes_before_the_next_model_is_published():
    """So each model is decided on while the one that it was compared with is there."""
    of = look()
    ended = closed(attempt(commit_number=3))
    seen = replace(of, attempts=(ended,), source=source(commit(3)))

    assert "moved" == line_of(reconcile(seen, now=NOW))[0]


def test_a_move_says_from_where_and_names_the_commit_of_the_data():
    _, line = line_of(settle(look(), NOW))

    assert (_NEW, _OLD, ident(2), "As good.") == (
        line.output,
        line.previous,
        line.commit,
        line.message,
    )


def test_an_answer_names_its_request():
    _, line = line_of(settle(look(_WORSE, **asking(verdict=_WORSE)), NOW))

    assert "now" == line.request
    assert "Asked for at now: Much worse." == line.message


def test_a_stranger_that_was_asked_for_is_named():
    _, line = line_of(settle(look(**asking(commit=ident(9), model="")), NOW))

    assert ident(9) == line.output


class TestTheTarget:
    """What a request is about, where it names no model."""

    def test_is_the_one_that_was_named(self):
        assert _NEW == find_target("Rollback", _NEW, _OLD, Ledger())

    def test_of_a_promotion_is_the_newest_model(self):
        assert entry(2).output == find_target("Promote", "", _OLD, ledger(*_LINES))
        assert "" == find_target("Promote", "", _OLD, Ledger())

    def test_of_a_rollback_is_what_was_there_before(self):
        back = move(_OLDER, _OLD, "RolledBack")

        assert _OLDER == find_target("Rollback", "", _OLD, ledger(*_LINES))
        assert "" == find_target("Rollback", "", _OLDER, ledger(*_LINES, back))


class TestTheLedger:
    """Lines about production: written twice they count once."""

    def test_a_line_is_read_back_as_it_was_written(self):
        line = move(_OLD, _OLDER, request="now", message="m")

        assert line == read_line(line.to_line())

    def test_they_decide_nothing_about_commits(self):
        lines = [begun(), entry(1), move(_OLD), _WITHHELD]

        assert ledger(entry(1)).recent == ledger(*lines[1:]).recent
        assert [True] * 4 == counting(lines)

    @pytest.mark.parametrize(
        "line", [move(_OLD), _WITHHELD, move(_OLDER, _OLD, "RolledBack", request="now")]
    )
    def test_twice_is_once(self, line):
        assert [True, False] == counting([line, line])

    def test_a_model_is_promoted_by_itself_once_whatever_came_between(self):
        lines = [move(_OLD), move(_OLDER, _OLD, "ByHand"), move(_OLD)]

        assert [True, True, False] == counting(lines)

    def test_a_move_by_hand_counts_as_often_as_it_happens(self):
        back, forth = move(_OLDER, reason="ByHand"), move(_OLD, reason="ByHand")

        assert [True, True, True, False] == counting([forth, back, forth, forth])

    def test_a_request_that_was_declined_withholds_nothing(self):
        line = replace(_WITHHELD, request="now")
        found = ledger(line)

        assert (frozenset(), frozenset({"now"})) == (found.withheld, found.answered)
        assert line == found.last_answer


class TestTheAttempt:
    """What is to be compared is fixed when it is opened."""

    def test_is_opened_with_what_is_in_production(self):
        seen = observed(production=Production(_OLD, trial=trial()))

        assert trial() == start_next(seen, NOW).actions[0].trial
        assert lanes.trial_of(observed()) is None

    def test_another_one_compares_with_what_is_there_by_then(self):
        failed = closed(
            attempt(trial=trial(_OLDER)), End.FAILED, retryable=True, at=ago(3600)
        )
        seen = observed(attempt=failed, production=Production(_OLD, trial=trial()))

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
    "promoted": (move(_NEW, _OLD), Reason.PROMOTED, False),
    "the first": (move(_NEW), Reason.PROMOTED, False),
    "refused": (replace(_WITHHELD, reason="Worse"), Reason.PROMOTION_REFUSED, True),
    "held": (_WITHHELD, Reason.PROMOTION_HELD, True),
    "declined": (replace(_WITHHELD, request="now"), Reason.PROMOTION_REFUSED, True),
}


@pytest.mark.parametrize(("line", "reason", "warning"), _EVENTS.values(), ids=_EVENTS)
def test_each_line_is_an_event(line, reason, warning):
    [event] = announce.tell_entries([line])

    assert (reason, warning) == (event.reason, event.warning)
    assert _NEW in event.message


_STATUS = {
    "in production": (look(commit=_OLD), "InProduction", "As good."),
    "passed": (look(mode="Manual"), "Waiting", "mnistctl promote"),
    "worse": (look(_WORSE), "Worse", "Much worse."),
    "not compared": (look(None), "NotCompared", NOT_ASKED),
    "rolled back": (look(lines=(*_LINES, move(_NEW, _OLD), move(_OLD, _NEW, "R"))),
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
    declined = replace(_WITHHELD, request="later", reason="Worse", message="m")
    moved = move(_NEW, _OLD, "Requested", request="now", message="Fine.")
    first = look(lines=(*_LINES, moved), head=_NEW)
    second = look(lines=(*_LINES, moved, declined), head=_NEW)
    told_of = [
        summarize(each, settle_story(each), now=NOW).promotion
        for each in (first, second)
    ]

    assert ["now", "later"] == [each.last_handled_request_at for each in told_of]
    assert [f"Promoted: {_NEW}: Requested: Fine.", "Worse: m"] == [
        each.last_answer for each in told_of
    ]


def test_without_a_promotion_the_status_has_none():
    assert summarize(observed(), settle_story(observed()), now=NOW).promotion is None


@pytest.mark.parametrize(
    ("promotion", "on"),
    [
        (None, False),
        (_GATE, True),
        (_GATE | {"mode": "Manual"}, True),
        (_GATE | {"mode": "Off"}, False),
        ({"mode": "Manual"}, False),
    ],
)
def test_the_gate_is_there_where_it_has_images_and_is_not_off(promotion, on):
    assert on == (training(promotion=promotion).spec.gate is not None)
