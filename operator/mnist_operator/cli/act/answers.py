"""What became of a request to move production, read off the status. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mnist_operator.cli.act.outcomes import End
from mnist_operator.cli.failures import ExitStatus, NotThereError
from mnist_operator.cli.get import happenings
from mnist_operator.cli.statements import dig
from mnist_operator.foreign import plain, rows, table, word
from mnist_operator.promotion_spec import PROMOTION_REQUESTED_AT

__all__ = ["find_answer", "find_model", "why_not"]

Body = Mapping[str, Any]

_MOVED = "Promoted: "
_THERE = "InProduction: "
_WHOLE = 32
_SHOWN = 10
_LIMIT = 1024


def why_not(body: Body) -> str:
    """Why nobody would answer such a request; empty where somebody will."""
    mode = dig(body, "spec", "promotion", "mode")
    if mode and mode != "Off":
        return ""
    said = "spec.promotion.mode is Off" if mode else "spec.promotion is not there"
    return f"{said}, so production is nobody's to move: set it first"


def find_model(body: Body, wanted: str) -> str:
    """The whole ID of a model, by its ID or by the beginning of one in the status.

    Raises:
        NotThereError: There is none that begins so, or there are several.
    """
    asked = wanted.lower()
    if len(asked) == _WHOLE:
        return asked
    known = [each for each in dict.fromkeys(_models(body)) if each.startswith(asked)]
    if len(known) == 1:
        return known[0]
    if known:
        shown = ", ".join(known[:_SHOWN])
        line = f"{wanted} is the beginning of {len(known)} models: give more digits"
        raise NotThereError(f"{line} ({shown})")
    line = f"no model in the status begins with {wanted}: give its whole ID"
    raise NotThereError(f"{line}, as mnistctl history shows it")


def _models(body: Body) -> Iterator[str]:
    status = table(dig(body, "status"))
    said = table(status.get("promotion"))
    yield from filter(None, map(word, (said.get(key) for key in _COMMITS)))
    yield from filter(None, [word(status.get("lastModelCommit"))])
    for each in rows(status.get("history")):
        yield from filter(None, [word(each.get("modelCommit"))])


_COMMITS = ("productionCommit", "candidateCommit")


def find_answer(body: Body, request: str) -> End | None:
    """What the request came to; None while that is open."""
    said = table(dig(body, "status", "promotion"))
    if said.get("lastHandledRequestAt") == request:
        answer = plain(word(said.get("lastAnswer")), _LIMIT)
        if answer.startswith((_MOVED, _THERE)):
            return End(ExitStatus.DONE, answer)
        return End(ExitStatus.NO_ANSWER, f"production stays as it is: {answer}")
    asked = table(dig(body, "metadata", "annotations")).get(PROMOTION_REQUESTED_AT)
    if asked != request:
        line = (
            "it was not taken up: before the operator saw it, another one took its"
            f" place ({PROMOTION_REQUESTED_AT} is {asked or 'gone'})"
        )
        return End(ExitStatus.NO_ANSWER, line)
    if happenings.verdict(body) is happenings.Verdict.STALLED:
        told = happenings.find_condition(dict(table(dig(body, "status"))), "Stalled")
        line = f"{told.get('reason')}: {told.get('message')}"
        return End(ExitStatus.NO_ANSWER, f"nothing moves until somebody acts: {line}")
    return None
