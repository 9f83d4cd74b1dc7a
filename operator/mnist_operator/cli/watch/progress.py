"""How far runs are, as a status has it: in a line, or as a bar. Pure.

The status is plain JSON, perhaps of an older or newer operator, and its numbers are a
trainer's: a field that is missing, or is something else, says nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from mnist_operator.cli import moments, screen
from mnist_operator.cli.get.happenings import Event, run_key, subject
from mnist_operator.foreign import moment, number, rows, table

__all__ = ["bars", "describe", "milestones", "steps"]

Status = Mapping[str, Any]

_PARTS = 10
"""Of a run with few epochs: so often is it told how far it is."""
_SHORT = 12
"""Digits of a commit's ID, as everywhere where many are shown."""
_BAR_PART, _LONGEST_BAR = 4, 30
"""A quarter of the columns, and no more than so many."""


def steps(before: Status, after: Status) -> Iterator[Event]:
    """Every change of how far a run is."""
    known = {run_key(each): each.get("progress") for each in _active(before)}
    for each in _active(after):
        told = table(each.get("progress"))
        if told and told != known.get(run_key(each)):
            yield "Progress", ", ".join([subject(each), *_facts(told)])


def describe(run: Mapping[str, Any]) -> str:
    """How far a run is, in words; nothing where nobody says."""
    return ", ".join(_facts(table(run.get("progress"))))


def milestones(before: Status, after: Status) -> Iterator[Event]:
    """The same, but only for a new epoch, or another tenth of a single one."""
    known = {run_key(each): _mark(each) for each in _active(before)}
    kept = [
        each
        for each in _active(after)
        if _mark(each) is not None and _mark(each) != known.get(run_key(each))
    ]
    yield from steps({}, {"active": kept})


def _mark(run: Mapping[str, Any]) -> Any:
    told = table(run.get("progress"))
    if not told:
        return None
    step, of_steps = _pair(told, "step", "steps")
    single = _pair(told, "epoch", "epochs")[1] <= 1
    return told.get("epoch"), step * _PARTS // of_steps if single and of_steps else 0


def bars(
    trainings: Mapping[str, Status], *, now: datetime, width: int, height: int
) -> list[Text]:
    """Two lines for each run that is under way, by the names of the trainings.

    None is longer than `width`, and there are no more than `height`.
    """
    runs = [(name, each) for name in trainings for each in _active(trainings[name])]
    shown = runs if 2 * len(runs) <= height else runs[: max((height - 1) // 2, 0)]
    lines = [
        line
        for name, each in shown
        for line in (
            screen.line(_title(name, each)[:width], "bold"),
            screen.line(_bar(each, now, width)),
        )
    ]
    if len(shown) < len(runs):
        lines.append(screen.line(f"and {len(runs) - len(shown)} more"[:width], "dim"))
    return lines[: max(height, 0)]


def _title(name: str, run: Mapping[str, Any]) -> str:
    attempt = run.get("attempt")
    again = f", attempt {attempt}" if attempt != 1 else ""
    return f"{name}  {str(run.get('commit'))[:_SHORT]}{again}  {run.get('state', '?')}"


def _bar(run: Mapping[str, Any], now: datetime, width: int) -> str:
    """The bar, and what fits beside it, the most wanted first."""
    told = table(run.get("progress"))
    part = _part(told)
    if part is None:
        since = moment(run.get("since"))
        return f"  for {_duration(since, now)}"[:width] if since else ""
    columns = min(width // _BAR_PART, _LONGEST_BAR)
    full = int(part * columns)
    line = f"  {'━' * full}{'─' * (columns - full)} {int(part * 100):3d} %"
    left = moment(told.get("estimatedCompletionTime"))
    wanted = [f"{_duration(now, left)} left"] if left and left > now else []
    for each in (*wanted, *_facts(told, with_steps=False)):
        if len(line) + 2 + len(each) > width:
            break
        line = f"{line}  {each}"
    return line[:width]


def _duration(since: datetime, until: datetime) -> str:
    return moments.tell_duration((until - since).total_seconds())


def _facts(told: Mapping[str, Any], *, with_steps: bool = True) -> Iterator[str]:
    epoch, epochs = _pair(told, "epoch", "epochs")
    step, of_steps = _pair(told, "step", "steps")
    if epochs:
        yield f"epoch {epoch}/{epochs}"
    if of_steps and with_steps:
        yield f"step {step}/{of_steps}"
    for name, value in table(told.get("metrics")).items():
        yield f"{name} {value}"
    if with_steps and told.get("estimatedCompletionTime"):
        yield f"until {told['estimatedCompletionTime']}"


def _part(told: Mapping[str, Any]) -> float | None:
    """How much is done, up to 1; of epochs, those that are over."""
    step, of_steps = _pair(told, "step", "steps")
    epoch, epochs = _pair(told, "epoch", "epochs")
    if of_steps:
        return step / of_steps
    return max(epoch - 1, 0) / epochs if epochs else None


def _pair(told: Mapping[str, Any], *names: str) -> tuple[int, int]:
    """A part and its whole; nothing of nothing where they are none."""
    part, whole = (number(told.get(name)) or 0 for name in names)
    return (part, whole) if 0 <= part <= whole else (0, 0)


def _active(status: Status) -> Sequence[Mapping[str, Any]]:
    return rows(status.get("active"))
