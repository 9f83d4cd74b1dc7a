"""What becomes of each commit, by the steps that would be taken. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from mnist_operator import lanes, runs
from mnist_operator.cli.plan.course import Course, Step, Until
from mnist_operator.cli.plan.effects import is_placeholder, without_placeholders
from mnist_operator.commits import CommitState
from mnist_operator.decisions import (
    ABOUT_PRODUCTION,
    Decision,
    Entry,
    is_own_request,
    is_release,
)
from mnist_operator.gate_findings import GateVerdict
from mnist_operator.plan import (
    CloseAttempt,
    CreateJob,
    Observed,
    OpenAttempt,
    Publish,
    Record,
)
from mnist_operator.runs import Attempt, Outcome, Verdict
from mnist_operator.status import timestamp

__all__ = ["Row", "make_rows", "tell_when"]

Turn = tuple[str, str]
"""What a run is for: what asked for it beside the commit itself, and the commit."""


@dataclass(frozen=True, slots=True)
class Row:
    """One commit, or one request for a run."""

    commit: str
    decision: str
    """Train, Skip, Fail, Publish, GiveUp, UnderWay, or Wait."""
    when: str = ""
    """now, after a run, when a commit is finished, at a time; empty: nobody knows."""
    reason: str = ""
    message: str = ""
    request: str = ""
    is_open: bool = False
    """Whether another run may decide it: nothing that was told here does."""


def make_rows(course: Course) -> list[Row]:
    """A row for each commit that waits or is under way, and for what was requested."""
    rows: dict[Turn, Row] = {}
    for attempt in lanes.live(course.begin):
        rows[attempt.request, attempt.commit] = _under_way(course.begin, attempt)
    request = course.begin.request
    if request is not None:
        commit = request.commit.id if request.commit else request.asked
        rows.setdefault((request.text, commit), _waits(commit, course, request.text))
    # What waits is counted from a starting point, which may be decided on the way.
    for each in (*course.begin.source.waiting, *course.end.source.waiting):
        rows.setdefault(("", each.id), _waits(each.id, course))
    for step in course.steps:
        for row in _tell(step):
            rows[row.request, row.commit] = row
    asked = {row.commit: row for row in rows.values() if row.request}
    decided = course.end.ledger.decided
    return [
        _by_request(row, asked[row.commit])
        if row.is_open and row.commit in asked and row.commit in decided
        else row
        for row in rows.values()
    ]


def _by_request(row: Row, request: Row) -> Row:
    """A commit that a requested run decides, before its own turn has come."""
    message = "The requested run decides it."
    return Row(row.commit, request.decision, request.when, "Requested", message)


def _under_way(observed: Observed, attempt: Attempt) -> Row:
    end = attempt.outcome
    if end is not None and end.verdict is Verdict.FAILED:
        return _ended(attempt, end, "now")
    name = runs.job_name(observed.training.name, attempt.staging)
    what = f"TFJob {name}" if name in observed.jobs else f"run {attempt.staging}"
    message = f"attempt {attempt.number}, {what}"
    return Row(
        attempt.commit, "UnderWay", "now", message=message, request=attempt.request
    )


def _ended(attempt: Attempt, end: Outcome, when: str) -> Row:
    """A run that came to nothing: what follows from that, another step says."""
    word, then = ("GiveUp", when) if end.verdict is Verdict.ABANDONED else ("Wait", "")
    return Row(
        attempt.commit,
        word,
        then,
        end.reason,
        end.message,
        attempt.request,
        is_open=True,
    )


def _waits(commit: str, course: Course, request: str = "") -> Row:
    """Until a step says more: what the operator says when there is nothing to do."""
    if not course.complete:
        message = "Only so many steps were followed: ask with --limit."
        told = "NotFollowed", message
    else:
        told = course.story.reason, course.story.message
    return Row(commit, "Wait", "", *told, request=request, is_open=True)


def _tell(step: Step) -> Iterator[Row]:
    """What a step says about commits; upkeep says nothing."""
    when = tell_when(step.until)
    match step.action:
        case OpenAttempt(task=task, number=number):
            reason, message = _why(step, task.request, number)
            if task.commit.state is not CommitState.FINISHED:
                when = f"when {task.commit.id} is finished"
            yield Row(task.commit.id, "Train", when, reason, message, task.request)
        case CreateJob(attempt) if not is_placeholder(attempt.staging):
            reason, message = _why(step, attempt.request, attempt.number)
            yield Row(attempt.commit, "Train", when, reason, message, attempt.request)
        case CloseAttempt(attempt, outcome) if outcome.verdict is not Verdict.SUCCEEDED:
            yield _ended(attempt, outcome, when)
        case Publish(attempt) if not step.until.run and not is_placeholder(
            attempt.staging
        ):
            message = f"The model of attempt {attempt.number}."
            yield Row(
                attempt.commit, "Publish", when, "", message, request=attempt.request
            )
        case Record(entries):
            told = (e for e in entries if e.start is None)
            yield from (
                _decided(e, when) for e in told if e.decision not in ABOUT_PRODUCTION
            )
        case _:
            pass


def _why(step: Step, request: str, number: int) -> tuple[str, str]:
    """Why a run is started that is not simply the next commit's first."""
    if is_own_request(request):
        return "SpecChanged", "The trainer is another one: spec.onSpecChange."
    if request:
        why = "It was released." if is_release(request) else f"Asked for at {request}."
        return "Requested", why
    if number > 1:
        return step.story.reason, step.story.message
    story = step.until.story
    if step.until.time is not None and story is not None:
        return story.reason, story.message
    gate = step.action.gate if isinstance(step.action, OpenAttempt) else None
    if gate is not None and gate.verdict is GateVerdict.PASSED:
        return "", "If spec.dataGate finds no fault with its data."
    return "", ""


def _decided(entry: Entry, when: str) -> Row:
    words = {
        Decision.SKIPPED: "Skip",
        Decision.FAILED: "Fail",
        Decision.PUBLISHED: "Publish",
    }
    word = words.get(entry.decision, entry.decision.value)
    told = entry.reason, without_placeholders(entry.message)
    return Row(entry.commit, word, when, *told, request=entry.request)


def tell_when(until: Until) -> str:
    """When a step would be taken, in words."""
    if until.run:
        return f"after {until.run}"
    if until.finished:
        return f"when {until.finished} is finished"
    return f"at {timestamp(until.time)}" if until.time is not None else "now"
