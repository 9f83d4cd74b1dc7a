"""Decisions: one line of the ledger each, and how a line is written and read. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from mnist_operator.foreign import count, identity, moment, plain, table, word
from mnist_operator.gate_findings import PART, Finding, read_finding
from mnist_operator.runs import Attempt, job_name

__all__ = [
    "ABOUT_PRODUCTION",
    "AUTOMATIC",
    "BLANK",
    "DISCARDED",
    "ENDS",
    "RUN_ENDS",
    "SETTLING",
    "SUPERSEDED",
    "UNCHANGED",
    "Decision",
    "Entry",
    "Start",
    "failure_of",
    "is_own_request",
    "is_release",
    "read_line",
    "release_request",
    "retrain_request",
    "skip_of",
    "to_lines",
]

_MESSAGE_LIMIT = 500
_LONGEST_LINE = 128 * 1024
"""Bytes: what is longer was written by nobody who knows what a line is for."""
AUTOMATIC = "Automatic"
"""The reason of a promotion that nobody asked for."""
BLANK = "InputBlank"
"""The reason of a commit that pachd made with the branch, without anything in it."""
SUPERSEDED = "Superseded"
"""The reason of a commit that a newer one took the place of."""
DISCARDED = "Discarded"
"""The reason of a commit that was held, and that somebody does not want."""
UNCHANGED = frozenset({"ContentUnchanged", "PathsUnchanged"})
"""The reasons of a commit whose content has been trained on."""
_OWN_REQUEST = "spec:"
_RELEASE = "release:"


class Decision(StrEnum):
    """What was decided."""

    STARTED = "Started"
    """About no commit: where following the branch begins."""
    PUBLISHED = "Published"
    FAILED = "Failed"
    SKIPPED = "Skipped"
    # What follows ends nothing: it says what spec.dataGate came to.
    HELD = "Held"
    """It is out of the queue, and waits for somebody."""
    RELEASED = "Released"
    """It was held, and is to be trained."""
    WARNED = "Warned"
    """It is trained in spite of what was found."""
    # And about models that are there, once spec.promotion was asked.
    PROMOTED = "Promoted"
    """About a model: the production branch was moved to it."""
    WITHHELD = "Withheld"
    """About a model: it was not moved to it, and will not be without a request."""


RUN_ENDS = frozenset({Decision.PUBLISHED, Decision.FAILED})
"""Decisions about a commit that a run has come to its end for."""
ENDS = RUN_ENDS | {Decision.SKIPPED}
"""All that a commit may end with."""
SETTLING = ENDS | {Decision.HELD}
"""What takes a commit out of the queue in its turn, so that nothing is open below."""
ABOUT_PRODUCTION = frozenset({Decision.PROMOTED, Decision.WITHHELD})
"""Decisions about a model that is there, and not about the commit that made it."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where following the branch begins; fixed once, so a restart cannot move it."""

    asked: str
    """spec.trigger.startFrom at that time; another value there sets a new start."""
    commit: str = ""
    """The commit to begin at; empty: with whatever is pushed."""
    inclusive: bool = True
    after: datetime | None = None
    """When that commit was started: nothing older is trained, also once it is gone."""
    source: str = ""
    """The branch that was followed then: a renamed repo is another beginning."""

    def is_for(self, other: "Start") -> bool:
        """Whether the same was asked, of the same branch as far as that is known."""
        same = self.source == other.source or not self.source
        return same and self.asked == other.asked


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    time: datetime
    decision: Decision
    commit: str = ""
    reason: str = ""
    message: str = ""
    attempt: int = 0
    run: str = ""
    tfjob: str = ""
    output: str = ""
    accuracy: str = ""
    spec: str = ""
    request: str = ""
    """What asked for this beside the commit itself; it decides nothing else then."""
    by: str = ""
    """Of a failure: uid/generation of the MnistTraining that the run was made for."""
    previous: str = ""
    """Of a promotion: the model that was in production before."""
    aside: bool = False
    """Whether it was not the next one of its branch: below it something may be open."""
    start: Start | None = None
    gate: Finding | None = None
    """What the data gate found, where it had something to say."""

    def to_line(self) -> bytes:
        """One line of JSON, without what is empty."""
        value: dict[str, Any] = {"time": self.time.isoformat()}
        for name in _TEXTS:
            if text := getattr(self, name):
                value[name] = plain(text, _MESSAGE_LIMIT) if name in _SAID else text
        if self.attempt:
            value["attempt"] = self.attempt
        if self.aside:
            value["aside"] = True
        if self.gate is not None:
            value[PART] = self.gate.to_json()
        if self.start is not None:
            after = self.start.after
            value["start"] = {
                "asked": self.start.asked,
                "commit": self.start.commit,
                "inclusive": self.start.inclusive,
                "source": self.start.source,
                "after": after.isoformat() if after else None,
            }
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


_SAID = frozenset({"reason", "message"})
"""What people read; a trainer or a server may have said it."""
_TEXTS = (
    "decision",
    "commit",
    "reason",
    "message",
    "run",
    "tfjob",
    "output",
    "accuracy",
    "spec",
    "request",
    "by",
    "previous",
)


def read_line(line: bytes) -> Entry | None:
    """One entry; None for a line that another version or a person wrote."""
    if len(line) > _LONGEST_LINE:
        return None
    try:
        value = json.loads(line)
        texts = {name: _read_text(name, value.get(name, "")) for name in _TEXTS[1:]}
        return Entry(
            time=_read_time(value["time"]),
            decision=Decision(value["decision"]),
            attempt=count(value.get("attempt", 0)),
            aside=value.get("aside") is True,
            start=_read_start(value.get("start")),
            gate=read_finding(value.get(PART)),
            **texts,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    except RecursionError:
        return None


def _read_text(name: str, value: Any) -> str:
    """One text; what tells things apart stays as it is."""
    text = identity(value)
    return plain(text, len(text)) if name in _SAID else text


def _read_time(text: Any) -> datetime:
    time = moment(text)
    if time is None:
        raise ValueError("no time that can be true")
    return time


def _read_start(value: Any) -> Start | None:
    if value is None:
        return None
    found = {name: word(table(value)[name]) for name in ("asked", "commit")}
    after = value["after"]
    return Start(
        **{name: _read_text(name, text) for name, text in found.items()},
        inclusive=bool(value["inclusive"]),
        source=_read_text("source", word(value.get("source"))),
        after=_read_time(after) if after else None,
    )


def skip_of(attempt: Attempt, reason: str, message: str, *, now: datetime) -> Entry:
    """The line about a commit that is not trained after all, though this was tried."""
    entry = failure_of(attempt, reason, message, now=now)
    return replace(entry, decision=Decision.SKIPPED, by="")


def retrain_request(commit: str, spec_digest: str) -> str:
    """The request that a changed spec makes: once for each commit and digest."""
    return f"{_OWN_REQUEST}{spec_digest[:16]}:{commit[:16]}"


def is_own_request(request: str) -> bool:
    """Whether a request was made by the operator, for a changed spec."""
    return request.startswith(_OWN_REQUEST)


def release_request(commit: str) -> str:
    """The request that a release makes: once for each commit."""
    return f"{_RELEASE}{commit}"


def is_release(request: str) -> bool:
    """Whether a request was made by releasing a commit that was held."""
    return request.startswith(_RELEASE)


def to_lines(entries: Iterable[Entry]) -> bytes:
    """What is appended to the ledger file for these entries."""
    return b"".join(entry.to_line() for entry in entries)


def failure_of(attempt: Attempt, reason: str, message: str, *, now: datetime) -> Entry:
    """The line about a commit whose last attempt this was."""
    return Entry(
        time=now,
        decision=Decision.FAILED,
        commit=attempt.commit,
        reason=reason,
        message=message[:_MESSAGE_LIMIT],
        attempt=attempt.number,
        run=attempt.staging,
        tfjob=job_name(attempt.training.rpartition("/")[2], attempt.staging),
        spec=attempt.digest,
        request=attempt.request,
        by=f"{attempt.uid}/{attempt.generation}",
    )
