"""What became of an input commit, as the spans of one trace. Pure.

    run                    an input commit, in its turn or as requested, to its end
    ├── observe            the commit is finished ▸ its first attempt is opened
    ├── create             that attempt is there ▸ its TFJob is created
    ├── train              the TFJob runs ▸ it has ended            for each attempt
    └── publish            the attempt is closed ▸ the model is published

They are made of what stands in Pachyderm: the input commit, the description that an
attempt was closed with, the ledger's line. So everybody makes the same of the same.

Sources: https://opentelemetry.io/docs/specs/semconv/ for the names of attributes
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from mnist_operator.decisions import Decision, Entry
from mnist_operator.foreign import moment
from mnist_operator.runs import Attempt, Outcome, Verdict
from mnist_operator.trace_context import name_span, name_trace, write_traceparent

__all__ = ["Span", "Value", "parent_of", "spans_of_attempt", "spans_of_end"]

Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which something was done."""

    trace: str
    id: str
    parent: str
    """Empty: it is the root."""
    name: str
    begun: datetime
    ended: datetime
    attributes: Mapping[str, Value] = field(default_factory=dict)
    error: str = ""
    """Why it failed; empty: it did not."""


def parent_of(attempt: Attempt) -> str:
    """The traceparent of an attempt's pods: its `train`; empty without a trace."""
    trace = name_trace(attempt.commit)
    if not trace:
        return ""
    train = name_span(trace, "train", attempt.training, attempt.staging)
    return write_traceparent(trace, train)


def spans_of_attempt(attempt: Attempt, finished: datetime | None) -> tuple[Span, ...]:
    """The spans of a closed attempt; none of one that never had a TFJob.

    `finished`: when its input commit was, if that is known.
    """
    outcome, facts = attempt.outcome, attempt.facts
    if outcome is None or not name_trace(attempt.commit):
        return ()
    if outcome.verdict is Verdict.ABANDONED and not facts.get("tfjobUid"):
        return ()
    return tuple(_of_attempt(attempt, outcome, finished))


def _of_attempt(
    attempt: Attempt, outcome: Outcome, finished: datetime | None
) -> Iterator[Span]:
    facts, opened = attempt.facts, attempt.opened
    in_turn = finished is not None and not attempt.request
    seen = max(opened, finished) if finished and in_turn else opened
    started = moment(facts.get("startedAt")) or seen
    # Kubernetes' own times are whole seconds, and may lie before what they followed.
    created = max(moment(facts.get("createdAt")) or started, seen)
    began = max(started, created)
    ended = moment(facts.get("endedAt")) or attempt.closed or began
    if finished and in_turn and attempt.number == 1:
        yield _child(attempt, "observe", "", (finished, seen), _of(attempt))
    tfjob = {"mnist.tfjob": facts.get("tfjob", ""), **_of_run(attempt)}
    yield _child(attempt, "create", attempt.staging, (seen, created), tfjob)
    train = _child(attempt, "train", attempt.staging, (began, ended), tfjob)
    failed = outcome.verdict is Verdict.FAILED
    error = _say(outcome.reason, outcome.message) if failed else ""
    more = _known(_of_pod(attempt, outcome, failed=failed))
    yield replace(train, attributes={**train.attributes, **more}, error=error)


def _of_pod(attempt: Attempt, outcome: Outcome, *, failed: bool) -> dict[str, Value]:
    """Where an attempt ran, and how that ended."""
    facts, code = attempt.facts, outcome.exit_code
    return {
        "mnist.outcome": outcome.verdict.value,
        "mnist.reason": outcome.reason,
        "k8s.pod.name": facts.get("pod", ""),
        "k8s.node.name": facts.get("node", ""),
        "container.image.id": facts.get("imageID", ""),
        "error.type": outcome.reason if failed else "",
        "process.exit.code": "" if code is None else code,
    }


def spans_of_end(entry: Entry, attempt: Attempt, begun: datetime) -> tuple[Span, ...]:
    """The spans that a decision ends: of the whole run, and of its publication.

    `attempt`: the one that the ledger's line names, closed; `begun`: when the input
    commit was finished, or, of a requested run, its first attempt opened.
    """
    if not name_trace(attempt.commit):
        return ()
    root = _run(entry, attempt, begun)
    outcome, closed = attempt.outcome, attempt.closed
    good = outcome is not None and outcome.verdict is Verdict.SUCCEEDED
    if not good or closed is None or entry.decision is Decision.SKIPPED:
        return (root,)
    failed = entry.decision is Decision.FAILED
    attributes = {**_of_run(attempt), "mnist.output.commit": entry.output}
    if failed:
        attributes["error.type"] = entry.reason
    error = _say(entry.reason, entry.message) if failed else ""
    staging = attempt.staging
    publish = _child(attempt, "publish", staging, (closed, entry.time), attributes)
    return replace(publish, error=error), root


def _run(entry: Entry, attempt: Attempt, begun: datetime) -> Span:
    failed = entry.decision is Decision.FAILED
    accuracy = _read_number(entry.accuracy)
    attributes: dict[str, Value] = {
        **_of(attempt),
        "mnist.request": entry.request,
        "mnist.decision": entry.decision.value,
        "mnist.reason": entry.reason,
        "mnist.attempts": attempt.number,
        "mnist.output.commit": entry.output,
    }
    if accuracy is not None:
        attributes["mnist.accuracy"] = accuracy
    return Span(
        trace=attempt.commit,
        id=_root_of(attempt),
        parent="",
        name="run",
        begun=begun,
        ended=max(entry.time, begun),
        attributes=_known(attributes),
        error=_say(entry.reason, entry.message) if failed else "",
    )


def _root_of(attempt: Attempt) -> str:
    """The run that an attempt is for: of this commit, for this training or request."""
    return name_span(attempt.commit, "run", attempt.training, attempt.request)


def _child(
    attempt: Attempt,
    name: str,
    of: str,
    times: tuple[datetime, datetime],
    attributes: Mapping[str, Value],
) -> Span:
    return Span(
        trace=attempt.commit,
        id=name_span(attempt.commit, name, attempt.training, of),
        parent=_root_of(attempt),
        name=name,
        begun=times[0],
        ended=max(times),
        attributes=_known(attributes),
    )


def _of(attempt: Attempt) -> dict[str, Value]:
    namespace, _, name = attempt.training.partition("/")
    return {
        "k8s.namespace.name": namespace,
        "mnist.training": name,
        "mnist.input.commit": attempt.commit,
    }


def _of_run(attempt: Attempt) -> dict[str, Value]:
    numbered: dict[str, Value] = {"mnist.attempt": attempt.number}
    return {**_of(attempt), **numbered, "mnist.run": attempt.staging}


def _known(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in attributes.items() if value != ""}


def _say(reason: str, message: str) -> str:
    return ": ".join(filter(None, (reason, " ".join(message.split())))) or "failed"


def _read_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
