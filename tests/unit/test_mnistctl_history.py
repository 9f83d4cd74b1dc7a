"""The history that a ledger and the output branch tell, row by row."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mnist_operator.cli.history.histories import (
    Decisions,
    Row,
    history_head,
    history_item,
    history_notes,
    read_decisions,
    read_entries,
)
from mnist_operator.cli.history.lines import (
    tell_decision,
    tell_header,
    tell_rest,
)
from mnist_operator.cli.history.walks import paired, walk_rows, with_records
from mnist_operator.cli.statements import read_statement
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision, Entry, Start, to_lines
from mnist_operator.runs import canonical
from unit import mnistctl_records as records

LEDGER = Branch(Repo("default", "outputrepo_runs"), "team_mnist_ledger")
MASTER = Branch(records.OUTPUT, "master")
DAY = datetime(2026, 3, 31, tzinfo=UTC)


def text(lines):
    return "\n".join(line.plain for line in lines)


def entry(number, decision=Decision.PUBLISHED, **values):
    values = {
        "commit": f"{number:x}" * 32,
        "attempt": 1,
        "run": f"{number:x}" * 32,
        "output": f"{number:04x}" * 8 if decision is Decision.PUBLISHED else "",
        **values,
    }
    return Entry(DAY + timedelta(hours=number), decision, **values)


class Walked:
    """An output branch, and how many of its commits somebody looked at."""

    def __init__(self, *commits):
        self._commits = commits
        self.seen = 0

    async def history(self, repo, branch, *, page):
        for commit in self._commits:
            self.seen += 1
            yield commit


async def walk(*entries, commits=(), beyond=20, take=100):
    """Rows of a ledger, oldest entry first, and an output branch, newest first."""
    client = commits if isinstance(commits, Walked) else Walked(*commits)
    rows = walk_rows(client, MASTER, "team/mnist", Decisions(entries), beyond=beyond)
    found = []
    async for row in rows:
        found.append(row)
        if len(found) == take:
            break
    await rows.aclose()
    return found


async def stream(*rows):
    for row in rows:
        yield row


def statement(change=lambda value: None):
    """A record, changed."""
    _, content, _ = records.record()
    value = json.loads(content)
    change(value)
    return read_statement(canonical(value))


class TestLedger:
    def test_more_than_the_ledger_keeps_in_memory_is_read(self):
        assert 15 == len(read_entries(to_lines(entry(n) for n in range(1, 16))))

    def test_a_second_decision_about_a_run_is_passed_over(self):
        again = entry(2, Decision.FAILED, run=entry(1).run)

        assert [entry(1)] == read_entries(to_lines([entry(1), again]))

    def test_what_the_operator_ignores_is_passed_over(self):
        late = entry(2, Decision.SKIPPED, commit=entry(1).commit, run="")

        assert [entry(1)] == read_entries(to_lines([entry(1), late]))

    def test_lines_that_cannot_be_read_are_passed_over(self):
        assert [entry(1)] == read_entries(b"no json\n" + to_lines([entry(1)]))

    def test_the_start_is_told_and_is_no_decision(self):
        first = Start("Latest", "a" * 32)
        last = Start("Next", "c" * 32, after=DAY, source="default/inputrepo@master")
        lines = to_lines(Entry(DAY, Decision.STARTED, start=s) for s in (first, last))

        decisions = read_decisions(lines)
        found = history_head("team/mnist", decisions, ledger=LEDGER, output=MASTER)

        assert () == decisions.entries
        assert {
            "asked": "Next",
            "commit": "c" * 32,
            "inclusive": True,
            "branch": "default/inputrepo@master",
            "after": "2026-03-31T00:00:00Z",
        } == found["start"]


class TestRows:
    async def test_the_newest_stands_first(self):
        found = await walk(entry(1), entry(2, Decision.FAILED), entry(3))

        assert [3, 2, 1] == [int(row.entry.commit[0]) for row in found]

    async def test_a_model_that_the_ledger_misses_is_added_at_its_time(self):
        missed, *_ = records.record(number=2)
        foreign = replace(
            missed, description=missed.description.replace("team/mnist", "team/other")
        )
        older = entry(1, output="f" * 32)

        found = await walk(older, commits=[foreign, missed, records.output_commit(7)])

        assert [(missed.id, "output"), (older.output, "ledger")] == [
            (row.entry.output, row.source) for row in found
        ]
        assert history_notes(1, MASTER)[0].startswith(
            "1 model is on default/outputrepo@master"
        )
        assert history_notes(2, MASTER)[0].startswith("2 models are on")
        assert [] == history_notes(0, MASTER)

    async def test_a_model_that_the_ledger_has_is_shown_once(self):
        commit, *_ = records.record()
        known = entry(1, output=commit.id, run=records.STAGING)

        found = await walk(known, commits=[commit])

        assert ["ledger"] == [row.source for row in found]

    async def test_no_more_of_the_branch_is_walked_than_was_asked_for(self):
        commits = [
            records.output_commit(n, finished=DAY + timedelta(hours=n))
            for n in range(200, 0, -1)
        ]
        branch, whole = Walked(*commits), Walked(*commits)

        await walk(*(entry(n, run="") for n in range(1, 200)), commits=branch, take=3)
        await walk(entry(200), commits=whole, beyond=5)

        assert 5 >= branch.seen
        assert 6 >= whole.seen

    async def test_each_model_is_told_with_the_one_before_it(self):
        failed = entry(2, Decision.FAILED)
        rows = [Row(each) for each in (entry(4), entry(3), failed, entry(1))]

        found = [row async for row in paired(stream(Row(failed), *rows))]

        assert [failed, *(row.entry for row in rows)] == [row.entry for row in found]
        assert [None, entry(3), entry(1), None, None] == [row.before for row in found]

    async def test_records_are_read_once_each_and_a_few_at_a_time(self):
        read, running, most = [], set(), 0

        async def look(commit):
            nonlocal most
            read.append(commit)
            running.add(commit)
            most = max(most, len(running))
            for _ in range(3):
                await asyncio.sleep(0)
            running.discard(commit)
            return statement()

        entries = [entry(n) for n in range(15, 0, -1)]
        rows = paired(stream(*map(Row, entries)))
        found = [each async for each in with_records(rows, look)]

        assert [each.output for each in entries] == [m["modelCommit"] for m in found]
        assert sorted({*read}) == sorted(read)
        assert 1 < most < 12

    async def test_who_stops_reading_leaves_nothing_behind(self):
        ended = []

        async def look(commit):
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(commit)

        found = with_records(stream(*(Row(entry(n)) for n in (9, 8))), look)
        reading = asyncio.ensure_future(anext(found))
        while len(asyncio.all_tasks()) < 4:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading

        assert {entry(9).output, entry(8).output} == {*ended}


class TestScreen:
    def test_the_columns_stand_below_each_other(self):
        failed = entry(2, Decision.FAILED, reason="DataInvalid", message="no x_train")
        items = [history_item(Row(each), None, None) for each in (failed, entry(1))]

        lines = [*tell_header({}), *(line for i in items for line in tell_decision(i))]
        plain = text(lines).splitlines()

        at = plain[0].index("INPUT")
        assert ["2" * 32, "1" * 32] == [plain[n][at : at + 32] for n in (1, 3)]
        assert "  DataInvalid: no x_train" == plain[2]

    def test_what_is_left_out_is_counted(self):
        tail = {"older": 3, "notes": ["by the way"]}

        assert "3 older ones: ask with --limit\nNote: by the way" == text(
            tell_rest(tail)
        )

    def test_every_key_is_documented(self):
        root = Path(__file__).resolve().parents[2]
        told = (root / "docs" / "mnistctl" / "history.md").read_text()
        head = history_head("t", Decisions(), ledger=LEDGER, output=MASTER)
        found = history_item(Row(entry(1)), None, None)
        keys = {*head, *found, "total", "older", "decisions", "notes"}

        assert set() == {key for key in keys if f"`{key}`" not in told}
