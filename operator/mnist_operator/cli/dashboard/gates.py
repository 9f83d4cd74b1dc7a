"""What waits, what is held, and what is in production, read off a status. Pure.

The status is plain JSON, and promotion.json whatever a repo's writer put there: what
is missing or makes no sense says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.dashboard.words import percent, shown
from mnist_operator.foreign import number, read_json, rows, table, word
from mnist_operator.test_result import read_verdict

__all__ = [
    "Figures",
    "Held",
    "Production",
    "Waiting",
    "read_figures",
    "read_held",
    "read_production",
    "read_queue",
]

_MOST = 10
_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A commit that waits for its turn."""

    commit: str
    state: str


@dataclass(frozen=True, slots=True)
class Held:
    """A commit that the data gate holds, and what lets it go."""

    commit: str
    since: str
    message: str
    release: str
    discard: str


@dataclass(frozen=True, slots=True)
class Production:
    """What is in production, and what stands between the newest model and that."""

    branch: str
    mode: str
    model: str
    """The output commit in production; empty: none."""
    candidate: str
    """The newest model's."""
    verdict: str
    reason: str
    message: str
    answer: str
    """What came of the last request by hand; empty: there was none."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the promotion gate counted, as texts; empty: it does not say."""

    verdict: str
    reason: str
    message: str
    images: str
    """Held-out images that both models answered."""
    accuracy: str
    champion: str
    """The accuracy of the model in production."""
    champion_commit: str
    p: str
    """That of McNemar's test."""
    only_challenger: str
    only_champion: str
    leaked: str


def read_queue(status: Mapping[str, Any]) -> list[Waiting]:
    """The first commits that wait, oldest first."""
    return [
        Waiting(word(each.get("commit")), word(each.get("state")))
        for each in rows(status.get("queue"))[:_MOST]
    ]


def read_held(status: Mapping[str, Any], key: str) -> list[Held]:
    """The last commits that the data gate holds, of the training of that key."""
    return [
        Held(
            commit=commit,
            since=word(each.get("since")),
            message=shown(each.get("message"), _MESSAGE),
            release=f"mnistctl release {key} {commit}",
            discard=f"mnistctl release {key} {commit} --discard",
        )
        for each in rows(status.get("held"))[:_MOST]
        if (commit := shown(each.get("commit"), 64))
    ]


def read_production(body: Mapping[str, Any]) -> Production | None:
    """What is told of production; None without spec.promotion."""
    asked = table(table(body.get("spec")).get("promotion"))
    said = table(table(body.get("status")).get("promotion"))
    if not said and not asked:
        return None
    return Production(
        branch=shown(asked.get("branch"), 120),
        mode=shown(asked.get("mode"), 24),
        model=word(said.get("productionCommit")),
        candidate=word(said.get("candidateCommit")),
        verdict=shown(said.get("verdict"), 24),
        reason=shown(said.get("reason"), 64),
        message=shown(said.get("message"), _MESSAGE),
        answer=shown(said.get("lastAnswer"), _MESSAGE),
    )


def read_figures(content: bytes | None) -> Figures | None:
    """What promotion.json says; None where there is none of ours."""
    verdict = read_verdict(content)
    if verdict is None:
        return None
    told = _annotations(content)
    counts, leaked = table(told.get("table")), table(told.get("leaked"))
    return Figures(
        verdict=verdict.ruling.value,
        reason=shown(verdict.reason, 64),
        message=shown(verdict.message, _MESSAGE),
        images=_count(told.get("images")),
        accuracy=percent(told.get("accuracy")),
        champion=percent(told.get("championAccuracy")),
        champion_commit=shown(verdict.champion, 64),
        p=shown(told.get("p"), 24),
        only_challenger=_count(counts.get("onlyChallenger")),
        only_champion=_count(counts.get("onlyChampion")),
        leaked=_count(leaked.get("challenger")),
    )


def _annotations(content: bytes | None) -> Mapping[str, Any]:
    statement = table(read_json(content or b""))
    listed = rows(table(statement.get("predicate")).get("configuration"))
    named = {word(each.get("name")): each.get("annotations") for each in listed}
    return table(named.get("verdict"))


def _count(value: Any) -> str:
    found = number(value)
    return "" if found is None else str(found)
