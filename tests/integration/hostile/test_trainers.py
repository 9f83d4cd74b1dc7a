"""Trainers that write junk, as files and as last words.

Each of their commits comes to a model or to a recorded failure, once; and after that
status, Events and ledger are what they always are.
"""

import json

import pytest

from integration.world import EARLIEST, OUTPUT, RUNS, until
from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision
from mnist_operator.foreign import plain
from unit.hostile import JUNK, NASTY

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SPEC = {"trigger": EARLIEST, "attempts": {"limit": 1}, "stopAfterFailures": 0}
_REPORTS = {
    "no-object": "[]",
    "not-json": "not JSON at all",
    "deep": JUNK[6],
    "deep-but-whole": json.dumps({"metrics": json.loads("[" * 300 + "]" * 300)}),
    "not-a-number": '{"metrics": {"accuracy": NaN}}',
    "without-end": '{"metrics": {"accuracy": 1e999}}',
    "half-a-pair": '{"metrics": {"accuracy": "\\ud800"}}',
    "many-digits": '{"metrics": {"accuracy": ' + "9" * 5000 + "}}",
    "wrong-types": '{"input": {}, "files": [7], "parameters": "", "metrics": null}',
    "5-mb": '{"metrics": {"a": "' + "x" * 5_000_000 + '"}}',
}
_WORDS = ["\x1b[2J\x1b[31mred", "[bold]markup[/]", "\x00", "💥" * 900, NASTY[8]]
_PATHS = (
    "a'b.txt",
    "a&b=c.txt",
    "a;b.txt",
    "%2e%2e/x",
    "n" * 300,
    "lineage.sigstore.json",
)


async def _begun(world):
    try:
        await world.apply(**_SPEC)
    except Exception:  # noqa: BLE001 (it is there)
        return


async def _is_in_order(world, commits):
    """What holds whatever became of these commits."""

    async def decided():
        found = [each for each in await world.entries() if each.commit in commits]
        return found if {each.commit for each in found} == set(commits) else None

    # A model is on its branch before the ledger has its line.
    entries = await until(decided, "all decisions")
    shown = await world.shows(pendingCommits=0)
    events = [each["message"] for each in await world.events()]

    assert sorted(commits) == sorted(each.commit for each in entries)
    assert commits[-1] == shown["history"][0]["commit"]
    assert all(len(each.encode()) <= 1024 for each in events)
    for text in [*events, *(each.message for each in entries)]:
        assert plain(text, len(text)) == text
    assert len(await world.trained()) == len(await world.commits(OUTPUT))
    return {each.commit: each for each in entries}


async def test_reports_that_are_none_are_recorded_failures(operated):
    world = operated
    await _begun(world)
    commits = [
        await world.push(digits=place, also={"run.json": text})
        for place, text in enumerate(_REPORTS.values())
    ]
    sound = await world.push(digits="sound")
    await world.model_of(sound)
    found = await _is_in_order(world, [*commits, sound])

    assert {"OutputInvalid"} == {found[each].reason for each in commits}
    large = found[commits[-1]].message
    assert "wrote more than can be published: /run.json has 5000022 bytes" in large


async def test_last_words_of_any_kind_are_recorded(operated):
    world = operated
    await _begun(world)
    commits = [
        await world.push(digits=place, exit=1, say=words, reason=words)
        for place, words in enumerate(_WORDS)
    ]
    last = await world.decision(commits[-1])
    found = await _is_in_order(world, commits)

    assert Decision.FAILED is last.decision
    assert {"TrainerFailed"} == {found[each].reason for each in commits}
    assert "\ufffd[31mred" in found[commits[0]].message


async def test_files_with_strange_names_and_without_content_come_to_an_end(operated):
    world = operated
    await _begun(world)
    commits = [
        await world.push(digits=path, also={path: "x", "run.json": ""})
        for path in _PATHS
    ]
    commits.append(await world.push(digits="empty", also={"my_model.h5": ""}))
    commits.append(await world.push(digits="none", leave_out="my_model.h5"))
    last = await world.decision(commits[-1])
    await _is_in_order(world, commits)

    assert (Decision.FAILED, "OutputInvalid") == (last.decision, last.reason)
    assert "wrote no /my_model.h5" in last.message


async def test_half_a_line_in_the_ledger_costs_no_commit_and_repeats_none(operated):
    world = operated
    await _begun(world)
    first = await world.push(digits="before")
    await world.model_of(first)
    await world.reason("UpToDate")
    branch = Branch(RUNS, "team_mnist_ledger")
    for junk in (b'{"time": "2026', bytes(range(256)), b"x" * 10_000_000):
        await world.pachyderm.append(branch, "/ledger.jsonl", junk)
        commit = await world.push(digits=str(len(junk)))
        await world.model_of(commit)
    await world.shows("UpToDate", pendingCommits=0)
    trained = await world.trained()

    assert len(trained) == len(set(trained))
    assert commit == trained[-1]


async def test_a_ledger_of_junk_alone_is_begun_anew_and_nothing_is_trained_twice(
    operated,
):
    world = operated
    await _begun(world)
    first = await world.push(digits="once")
    await world.model_of(first)
    await world.reason("UpToDate")
    before = await world.trained()
    branch = Branch(RUNS, "team_mnist_ledger")
    await world.pachyderm.replace(branch, "/ledger.jsonl", b"\x00\xff" * 1000 + b"\n")
    second = await world.push(digits="twice")
    await world.model_of(second)
    await world.reason("UpToDate")

    assert [*before, second] == await world.trained()
