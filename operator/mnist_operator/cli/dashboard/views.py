"""What the pages show, put together from what is known and what Pachyderm answers.

What one of them cannot answer leaves a notice, and the rest of the page stands.
"""

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mnist_operator import places
from mnist_operator.cli.dashboard import asking, charts, gates, records, subjects
from mnist_operator.cli.dashboard.advice import advise_failure
from mnist_operator.cli.dashboard.asking import Asking
from mnist_operator.cli.dashboard.cards import Card, read_card
from mnist_operator.cli.dashboard.decisions import (
    cut,
    find_run,
    list_points,
    tell_change,
)
from mnist_operator.cli.dashboard.differences import Differences
from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.pachds import Pachds
from mnist_operator.cli.dashboard.pods import Pods
from mnist_operator.cli.dashboard.questions import Questions, Remains
from mnist_operator.cli.dashboard.verdicts import Look, Verdicts
from mnist_operator.cli.runs.attempts import Walked, build_run, build_runs
from mnist_operator.decisions import Entry
from mnist_operator.runs import Attempt

__all__ = ["Views"]

Body = Mapping[str, Any]
Values = dict[str, Any]

_PAGE = 20
_PLOTS = 32
_DRAWN = 6
"""Runs in the picture of a training's lineage."""


class Views:
    """The values of each page's template."""

    def __init__(self, pachds: Pachds, pods: Pods, verdicts: Verdicts) -> None:
        self._pachds = pachds
        self._ask = Questions()
        self._differences = Differences()
        self._pods = pods
        self._verdicts = verdicts
        self._plots: Kept[Markup] = Kept(_PLOTS)

    async def close(self) -> None:
        """End what is being asked."""
        await self._ask.close()
        await self._differences.close()
        await self._pods.close()
        await self._verdicts.close()
        await self._plots.close()

    async def training(self, body: Body, number: int, runs: str) -> Values:
        """One training: its accuracy, its runs, what was decided."""
        card, own = read_card(body), await self._begin(body)
        entries = await self._entries(own, body)
        state = subjects.state_of(card, entries)
        page = cut(entries, number, _PAGE)
        items, walked, production = await asyncio.gather(
            own.ask(lambda pachd: self._ask.items(pachd, own.training, page), _NONE),
            self._attempts(own, state),
            self._production(own, body),
        )
        states = {each.run: each.state for each in card.active}
        report = build_runs(own.training, walked, entries)
        branches = charts.branches_of(report["runs"], states)
        plot = await self._plot(entries, runs)
        return {
            "card": card,
            "notices": [*dict.fromkeys(own.notices)],
            "reached": own.pachd is not None,
            "place": subjects.places_of(own.training, own.address),
            "page": page,
            "items": [(each, tell_change(each)) for each in items],
            "runs": report["runs"] if number <= 1 else [],
            "more_runs": walked.more,
            "states": states,
            "plot": plot,
            "tree": charts.draw_lineage(branches[:_DRAWN], runs),
            **subjects.ends_of(entries),
            **production,
        }

    async def run(self, body: Body, run: str, runs: str) -> Values | None:
        """One run, and its model; None where the training has none of that name."""
        card, own = read_card(body), await self._begin(body)
        entries = await self._entries(own, body)
        attempt, walked = await self._attempt(own, card, entries, run)
        if attempt is None:
            found: Values = {"card": card, "run": run, "notices": own.notices}
            found |= subjects.options_of(own.training)
            return found if own.notices else None
        place = find_run(entries, run)
        entry = None if place is None else entries[place]
        told = build_run(attempt, entry)
        remains = await self._remains(own, attempt)
        states = {each.run: each.state for each in card.active}
        told_runs = build_runs(own.training, walked, entries)["runs"]
        newest = charts.branches_of(told_runs, states)
        [branch] = charts.branches_of([told], states)
        return {
            "card": card,
            "run": run,
            "told": told,
            **subjects.options_of(own.training),
            "advice": advise_failure(told["reason"] or "")
            if branch.state == "Failed"
            else None,
            "state": branch.state,
            "active": next((each for each in card.active if each.run == run), None),
            "entry": entry,
            "last": subjects.model_before(entries, place, attempt),
            "log": await self._log(own, card, attempt, remains),
            "tree": charts.draw_lineage(charts.family(branch, entries, newest), runs),
            **await self._record(own, entry, remains),
            **subjects.measures(remains),
            "notices": [*dict.fromkeys(own.notices)],
        }

    async def data(self, body: Body, run: str) -> Values | None:
        """What changed in the data since the model before; None for no such run."""
        card, own = read_card(body), await self._begin(body)
        entries = await self._entries(own, body)
        state = subjects.state_of(card, entries)
        attempt = await own.ask(
            lambda pachd: self._ask.attempt(pachd, own.training, run, state), None
        )
        values: Values = {"card": card, "run": run, "notices": own.notices}
        if attempt is None:
            return values | {"last": "", "after": ""} if own.notices else None
        last = subjects.model_before(entries, find_run(entries, run), attempt)
        values |= {"last": last.commit if last else "", "after": attempt.commit}
        if last is None or last.commit == attempt.commit:
            return values
        place = subjects.data_of(own.training, await self._remains(own, attempt))
        return values | await self._compare(own, place, last.commit, attempt.commit)

    async def held(self, body: Body, commit: str) -> Values | None:
        """What the data gate holds a commit for; None where it does not hold it."""
        card = read_card(body)
        held = next((each for each in card.held if each.commit == commit), None)
        if held is None:
            return None
        own = await self._begin(body)
        values: Values = {"card": card, "held": held, "notices": own.notices}
        values |= {"last": card.trained, "after": commit}
        if not card.trained:
            return values
        place = subjects.data_of(own.training, Remains())
        return values | await self._compare(own, place, card.trained, commit)

    async def _compare(
        self, own: Asking, place: subjects.DataPlace, before: str, after: str
    ) -> Values:
        told = await own.ask(
            lambda pachd: self._differences.find(
                pachd, place.repo, before, after, place.path
            ),
            None,
        )
        command = subjects.diff_of(place, before, after)
        return {"asked": True, "difference": told, "command": command}

    async def _begin(self, body: Body) -> Asking:
        notices = list[str]()
        training = subjects.read_training(body, notices)
        return await asking.begin(self._pachds, training, notices)

    async def _entries(self, own: Asking, body: Body) -> tuple[Entry, ...]:
        version = str(body["metadata"].get("resourceVersion"))
        return await own.ask(
            lambda pachd: self._ask.entries(pachd, own.training, version), ()
        )

    async def _attempts(self, own: Asking, state: Hashable) -> Walked:
        return await own.ask(
            lambda pachd: self._ask.attempts(pachd, own.training, state), Walked()
        )

    async def _attempt(
        self, own: Asking, card: Card, entries: Sequence[Entry], run: str
    ) -> tuple[Attempt | None, Walked]:
        """One attempt, and the newest ones beside it."""
        state = subjects.state_of(card, entries)
        one = own.ask(
            lambda pachd: self._ask.attempt(pachd, own.training, run, state), None
        )
        return await asyncio.gather(one, self._attempts(own, state))

    async def _remains(self, own: Asking, attempt: Attempt) -> Remains:
        return await own.ask(
            lambda pachd: self._ask.remains(pachd, own.training, attempt), Remains()
        )

    async def _plot(self, entries: Sequence[Entry], runs: str) -> Markup:
        """Drawn once for each state of a ledger, beside the loop."""
        newest = entries[-1] if entries else None

        async def draw() -> Markup:
            points = await asyncio.to_thread(list_points, entries)
            return await asyncio.to_thread(charts.draw_accuracy, points, runs)

        return await self._plots.get((runs, len(entries), newest), draw)

    async def _log(
        self, own: Asking, card: Card, attempt: Attempt, remains: Remains
    ) -> tuple[str, int]:
        """The end of its log, and the length of all of it, 0 where nobody knows."""
        if attempt.finished:
            return remains.log, remains.log_bytes
        asked = self._pods.log(card.namespace, attempt.staging)
        return await own.answer(asked, ""), 0

    async def _production(self, own: Asking, body: Body) -> Values:
        """What is in production, with the figures of the newest model."""
        told = gates.read_production(body)
        figures = await self._figures(own, told.candidate) if told else None
        return {"production": told, "figures": figures}

    async def _figures(self, own: Asking, commit: str) -> gates.Figures | None:
        repo = places.output_branch(own.training).repo
        if not commit:
            return None
        return await own.ask(lambda pachd: self._ask.verdict(pachd, repo, commit), None)

    async def _record(
        self, own: Asking, entry: Entry | None, remains: Remains
    ) -> Values:
        output = places.output_branch(own.training)
        if entry is None or not entry.output:
            asked = records.read_asked(remains.asked)
            return _NO_MODEL | {"facts": asked}
        look = Look()
        if own.pachd is not None:
            look = self._verdicts.look(own.pachd, own.training, entry.output)
        statement, gate = await asyncio.gather(
            own.ask(
                lambda pachd: self._ask.statement(pachd, output.repo, entry.output),
                None,
            ),
            self._figures(own, entry.output),
        )
        return {
            "facts": records.read_record(statement) if statement else [],
            "parameters": records.read_parameters(statement) if statement else [],
            "model": f"{output.repo}@{entry.output}",
            "look": look,
            "gate": gate,
        }


_NONE: list[Values] = []
_NO_MODEL: Values = {"parameters": [], "model": None, "look": Look(), "gate": None}
