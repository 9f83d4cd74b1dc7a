"""The rung about the production branch: who moves it, to what, and why not. Pure.

Each model is decided on once: promoted, or withheld. So a rollback is never undone,
and no model comes back by itself that was passed over.

The branch is moved first, and the line in the ledger is written after it. A crash
between the two leaves a branch that shows what no line tells of; the next look finds
that before anything else, and writes the line. The other way round, a line without
its move could not be told from a move that somebody has undone since.
"""

from dataclasses import replace
from datetime import datetime

from mnist_operator.decisions import AUTOMATIC, Decision, Entry
from mnist_operator.gate import Ruling
from mnist_operator.ledger import Ledger
from mnist_operator.plan import Action, Observed, Plan, Promote, Record, Story
from mnist_operator.production import (
    ROLLED_BACK,
    Candidate,
    Kind,
    MoveRequest,
    Production,
)
from mnist_operator.status import Reason

__all__ = [
    "CHAMPION_CHANGED",
    "NOT_ASKED",
    "REQUESTED",
    "find_fault",
    "find_objection",
    "find_overtaken",
    "settle",
]

CHAMPION_CHANGED = "ChampionChanged"
"""The reason of a model that passed before another one was put in production."""
REQUESTED = "Requested"
"""The reason of a promotion that somebody asked for, and the gate let pass."""
_BY_HAND = "ByHand"
_FOUND = "Somebody else moved the branch, or it was there before spec.promotion."
NOT_ASKED = (
    "It was not compared: when its run began, there was no spec.promotion, or no"
    " held-out images that may be read."
)


def settle(observed: Observed, now: datetime) -> Plan | None:
    """What is to be done about the production branch."""
    production = observed.production
    if production is None:
        return None
    for step in (_record_move, _answer, _promote, _withhold):
        plan = step(observed, production, now)
        if plan is not None:
            return plan
    return None


def _record_move(
    observed: Observed, production: Production, now: datetime
) -> Plan | None:
    """Write down what the branch shows, whoever moved it: we, before we died, too."""
    head, ledger = production.head, observed.ledger
    if not head or head == ledger.in_production:
        return None
    previous = ledger.in_production
    entry = Entry(
        now, Decision.PROMOTED, "", _BY_HAND, _FOUND, output=head, previous=previous
    )
    request, candidate = production.request, production.candidate
    if request is not None and _is_for(request, observed, head):
        entry = _moved(observed, production, request, now)
    elif candidate is not None and candidate.commit == head:
        ours = replace(production, head=previous)
        if _is_automatic(observed, ours, candidate):
            entry = _promoted(candidate, previous, now)
        entry = replace(entry, commit=candidate.input_commit)
    return _do(Record((entry,)), f"Recording that model {head} is in production.")


def _is_for(request: MoveRequest, observed: Observed, head: str) -> bool:
    """Whether that request moved the branch to its present head."""
    if request.model is None or request.model.commit != head:
        return False
    return request.kind in set(Kind) and _is_met(request, observed)


def _is_met(request: MoveRequest, observed: Observed) -> bool:
    before = Production(observed.ledger.in_production)
    return not find_fault(request, before, observed)


def _answer(observed: Observed, production: Production, now: datetime) -> Plan | None:
    request = production.request
    if request is None:
        return None
    fault = find_fault(request, production, observed)
    if fault is not None:
        reason, message = fault
        entry = Entry(
            now,
            Decision.WITHHELD,
            request.model.input_commit if request.model else "",
            reason,
            f"Asked for at {request.text[:100]}: {message}",
            output=request.model.commit if request.model else request.asked[:64],
            request=request.text,
        )
        return _do(Record((entry,)), "Recording why production was not moved.")
    entry = _moved(observed, production, request, now)
    message = f"Moving production to model {entry.output}, as requested."
    return _do(Promote(replace(entry, previous=production.head)), message)


_NO_MODEL = (
    "NoModel",
    (
        "there is no such model of this MnistTraining on its output branch; mnistctl"
        " history names them."
    ),
)


_NOTHING_BEFORE = (
    "NothingBefore",
    "what was in production before is not known: name the model.",
)


def find_fault(
    request: MoveRequest, production: Production, observed: Observed
) -> tuple[str, str] | None:
    """Why a request cannot be met: one word, and a sentence."""
    model, head = request.model, production.head
    if request.kind not in set(Kind):
        shown = request.kind[:64]
        return "UnknownRequest", f"{shown!r} is neither Promote nor Rollback."
    back = request.kind == Kind.ROLLBACK
    if model is None:
        return _NOTHING_BEFORE if back and not request.asked else _NO_MODEL
    if model.commit == head:
        return "InProduction", f"model {head} is in production already."
    if not back:
        return None if request.forced else find_objection(model, head)
    if model.commit in observed.ledger.promoted:
        return None
    message = f"model {model.commit} was never in production: promote it instead."
    return "NeverPromoted", message


def find_objection(model: Candidate, head: str) -> tuple[str, str] | None:
    """Why the gate does not let a model take the place of the head."""
    verdict = model.verdict
    if verdict is None:
        return "NotCompared", NOT_ASKED
    if verdict.ruling is not Ruling.PASSED:
        return verdict.reason, verdict.message
    if verdict.champion == head:
        return None
    compared = f"model {verdict.champion}" if verdict.champion else "none"
    shown = f"model {head}" if head else "none"
    message = (
        f"It was compared with {compared}, and {shown} is in production since: train"
        " its commit again, or promote it with --force."
    )
    return CHAMPION_CHANGED, message


def find_overtaken(entry: Entry, ledger: Ledger) -> str:
    """What others have put in production since a move was decided; empty: nothing.

    Args:
        entry: The line about the move, which is about to be made, or was just now.
        ledger: As it is by then.

    Whoever stood still between its look and its move may come a minute late, when
    another operator has made the same move already, and one after it: a rollback, say,
    after which the branch shows what it showed before.
    """
    shown = ledger.in_production
    if shown in {"", entry.output}:
        return ""
    is_known = ledger.extended([entry]).moves == ledger.moves
    return shown if is_known or shown != entry.previous else ""


def _is_automatic(
    observed: Observed, production: Production, candidate: Candidate
) -> bool:
    """Whether the operator may promote a model by itself."""
    gate, ledger = observed.training.spec.gate, observed.ledger
    if gate is None or gate.mode != "Automatic":
        return False
    if candidate.commit in ledger.promoted | ledger.withheld:
        return False
    return find_objection(candidate, production.head) is None


def _promote(observed: Observed, production: Production, now: datetime) -> Plan | None:
    candidate = production.candidate
    if candidate is None or not _is_automatic(observed, production, candidate):
        return None
    message = f"Moving production to model {candidate.commit}."
    return _do(Promote(_promoted(candidate, production.head, now)), message)


def _withhold(observed: Observed, production: Production, now: datetime) -> Plan | None:
    """Write down, once, why the newest model stays where it is."""
    candidate, ledger = production.candidate, observed.ledger
    if candidate is None or candidate.commit in ledger.promoted | ledger.withheld:
        return None
    objection = find_objection(candidate, production.head)
    if objection is None:
        return None
    reason, message = objection
    entry = Entry(
        now,
        Decision.WITHHELD,
        candidate.input_commit,
        reason,
        message,
        output=candidate.commit,
    )
    return _do(Record((entry,)), f"Recording why {candidate.commit} is not promoted.")


def _promoted(candidate: Candidate, previous: str, now: datetime) -> Entry:
    """The line about a model that nobody had to ask for."""
    verdict = candidate.verdict
    return Entry(
        now,
        Decision.PROMOTED,
        candidate.input_commit,
        AUTOMATIC,
        verdict.message if verdict else "",
        output=candidate.commit,
        previous=previous,
    )


def _moved(
    observed: Observed, production: Production, request: MoveRequest, now: datetime
) -> Entry:
    """The line about a move that somebody asked for."""
    model = request.model or Candidate(production.head)
    back = request.kind == Kind.ROLLBACK
    reason, told = (ROLLED_BACK if back else REQUESTED), ""
    previous = observed.ledger.in_production
    if not back and find_objection(model, previous) is not None:
        reason, told = "Forced", f" {request.forced}"
    elif not back and model.verdict is not None:
        told = f" {model.verdict.message}"
    return Entry(
        now,
        Decision.PROMOTED,
        model.input_commit,
        reason,
        f"Asked for at {request.text[:100]}.{told}",
        output=model.commit,
        request=request.text,
        previous=previous,
    )


def _do(action: Action, message: str) -> Plan:
    return Plan(Story(Reason.PUBLISHING, message, reconciling=True), (action,))
