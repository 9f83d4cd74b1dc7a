"""What the pages show, put together from what is known and what Pachyderm answers.

What one of them cannot answer leaves a notice, and the rest of the page stands.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from markupsafe import Markup

from mnist_operator import places
from mnist_operator.cli.dashboard import charts, records, subjects
from mnist_operator.cli.dashboard.cards import Card, read_card
from mnist_operator.cli.dashboard.decisions import (
    cut,
    find_run,
    list_points,
    tell_change,
)
from mnist_operator.cli.dashboard.differences import Differences
from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.pods import Pods
from mnist_operator.cli.dashboard.questions import Questions, Remains
from mnist_operator.cli.failures import NoAnswerError, explain
from mnist_operator.cli.runs.attempts import Walked, build_run, build_runs
from mnist_operator.decisions import Entry
from mnist_operator.errors import UpstreamError
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt

__all__ = ["Views"]

T = TypeVar("T")
Body = Mapping[str, Any]
Values = dict[str, Any]

_PAGE = 20
_PLOTS = 32
_DRAWN = 6
"""Runs in the picture of a training's lineage."""


class Views:
    """The values of each page's template."""

    def __init__(self, client: Pachyderm, pods: Pods) -> None:
        self._client = client
        self._ask = Questions(client)
        self._differences = Differences(client)
        self._pods = pods
        self._plots: Kept[Markup] = Kept(_PLOTS)

    async def close(self) -> None:
        """End what is being asked."""
        await self._ask.close()
        await self._differences.close()
        await self._pods.close()
        await self._plots.close()

    async def training(self, body: Body, number: int, runs: str) -> Values:
        """One training: its accuracy, its runs, what was decided."""
        card, notices = read_card(body), list[str]()
        training = subjects.read_training(body, notices)
        entries = await self._entries(notices, training, body)
        state = subjects.state_of(card, entries)
        page = cut(entries, number, _PAGE)
        items, walked = await asyncio.gather(
            self._try(notices, self._ask.items(training, page), []),
            self._try(notices, self._ask.attempts(training, state), Walked()),
        )
        states = {each.run: each.state for each in card.active}
        report = build_runs(training, walked, entries)
        branches = charts.branches_of(report["runs"], states)
        plot = await self._plot(entries, runs)
        return {
            "card": card,
            "notices": [*dict.fromkeys(notices)],
            "place": subjects.places_of(training),
            "page": page,
            "items": [(each, tell_change(each)) for each in items],
            "runs": report["runs"] if number <= 1 else [],
            "more_runs": walked.more,
            "states": states,
            "plot": plot,
            "tree": charts.draw_lineage(branches[:_DRAWN], runs),
        }

    async def run(self, body: Body, run: str, runs: str) -> Values | None:
        """One run, and its model; None where the training has none of that name."""
        card, notices = read_card(body), list[str]()
        training = subjects.read_training(body, notices)
        entries = await self._entries(notices, training, body)
        state = subjects.state_of(card, entries)
        attempt, walked = await asyncio.gather(
            self._try(notices, self._ask.attempt(training, run, state), None),
            self._try(notices, self._ask.attempts(training, state), Walked()),
        )
        if attempt is None:
            return {"card": card, "run": run, "notices": notices} if notices else None
        place = find_run(entries, run)
        entry = None if place is None else entries[place]
        told = build_run(attempt, entry)
        remains = await self._try(
            notices, self._ask.remains(training, attempt), Remains()
        )
        told_runs = build_runs(training, walked, entries)["runs"]
        states = {each.run: each.state for each in card.active}
        newest = charts.branches_of(told_runs, states)
        [own] = charts.branches_of([told], states)
        active = next((each for each in card.active if each.run == run), None)
        last = subjects.model_before(entries, place, attempt)
        return {
            "card": card,
            "run": run,
            "told": told,
            "state": own.state,
            "active": active,
            "entry": entry,
            "last": last,
            "log": await self._log(notices, card, attempt, remains),
            "tree": charts.draw_lineage(charts.family(own, entries, newest), runs),
            **await self._record(notices, training, entry, remains),
            **subjects.measures(remains),
            "notices": [*dict.fromkeys(notices)],
        }

    async def data(self, body: Body, run: str) -> Values | None:
        """What changed in the data since the model before; None for no such run."""
        card, notices = read_card(body), list[str]()
        training = subjects.read_training(body, notices)
        entries = await self._entries(notices, training, body)
        found = self._ask.attempt(training, run, subjects.state_of(card, entries))
        attempt = await self._try(notices, found, None)
        values: Values = {"card": card, "run": run, "notices": notices}
        if attempt is None:
            return values | {"last": None} if notices else None
        last = subjects.model_before(entries, find_run(entries, run), attempt)
        values |= {"attempt": attempt, "last": last, "difference": None, "asked": False}
        if last is None or last.commit == attempt.commit:
            return values
        remains = await self._try(
            notices, self._ask.remains(training, attempt), Remains()
        )
        repo, path = subjects.data_of(training, remains)
        asked = self._differences.find(repo, last.commit, attempt.commit, path)
        told = await self._try(notices, asked, None)
        return values | {"asked": True, "difference": told}

    async def _entries(
        self, notices: list[str], training: MnistTraining, body: Body
    ) -> tuple[Entry, ...]:
        version = str(body["metadata"].get("resourceVersion"))
        return await self._try(notices, self._ask.entries(training, version), ())

    async def _plot(self, entries: Sequence[Entry], runs: str) -> Markup:
        """Drawn once for each state of a ledger, beside the loop."""
        newest = entries[-1] if entries else None

        async def draw() -> Markup:
            points = await asyncio.to_thread(list_points, entries)
            return await asyncio.to_thread(charts.draw_accuracy, points, runs)

        return await self._plots.get((runs, len(entries), newest), draw)

    async def _log(
        self, notices: list[str], card: Card, attempt: Attempt, remains: Remains
    ) -> tuple[str, int]:
        """The end of its log, and the length of all of it, 0 where nobody knows."""
        if attempt.finished:
            return remains.log, remains.log_bytes
        asked = self._pods.log(card.namespace, attempt.staging)
        return await self._try(notices, asked, ""), 0

    async def _record(
        self,
        notices: list[str],
        training: MnistTraining,
        entry: Entry | None,
        remains: Remains,
    ) -> Values:
        output = places.output_branch(training)
        if entry is None or not entry.output:
            asked = records.read_asked(remains.asked)
            return {"facts": asked, "parameters": [], "model": None}
        found = self._ask.statement(output.repo, entry.output)
        statement = await self._try(notices, found, None)
        return {
            "facts": records.read_record(statement) if statement else [],
            "parameters": records.read_parameters(statement) if statement else [],
            "model": f"{output.repo}@{entry.output}",
        }

    async def _try(self, notices: list[str], answer: Awaitable[T], otherwise: T) -> T:
        """What is answered; what is not leaves a notice."""
        try:
            return await answer
        except NoAnswerError as error:
            notices.append(str(error))
        except UpstreamError as error:
            connection = self._client.connection
            signed_in = connection.token is not None
            notices.append(explain(error, connection.address, signed_in=signed_in))
        return otherwise
