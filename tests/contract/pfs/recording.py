"""The recording as values: scenarios, each with its steps."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["SCENARIOS", "Scenario", "Step"]

_FILE = Path(__file__).with_name("pachd-2.11.6.jsonl")

_DEPENDS = {
    **{number: number - 1 for number in range(2, 10)},
    14: 13,
    18: 17,
    20: 19,
}
"""Which scenario goes on where another one ended."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call with its answer, or something that was measured in between."""

    scenario: int
    index: int
    name: str
    record: dict[str, Any] = field(compare=False)

    @property
    def key(self) -> tuple[int, str]:
        return self.scenario, self.name

    def __str__(self) -> str:
        return f"scenario {self.scenario}, step {self.index} ({self.name!r})"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps that belong together, in order."""

    number: int
    title: str
    steps: tuple[Step, ...]

    @property
    def after(self) -> int | None:
        return _DEPENDS.get(self.number)


def _load() -> dict[int, Scenario]:
    scenarios: dict[int, Scenario] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "scenario" in record:
            number, _, title = record["scenario"].partition(" ")
            current = Scenario(int(number), title, ())
        else:
            step = Step(current.number, len(current.steps) + 1, record["step"], record)
            current = Scenario(current.number, current.title, (*current.steps, step))
        scenarios[current.number] = current
    return scenarios


SCENARIOS = _load()
