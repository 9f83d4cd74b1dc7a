"""One story, told four times: ledger, output branch, Events and status must agree."""

import re
from collections import Counter
from typing import Any

from integration.world import World
from mnist_operator.decisions import SUPERSEDED, Decision, Entry
from mnist_operator.tfjob import COMMIT_LABEL

_BATCH = re.compile(r"(\d+) input commits, (\w{32}) to (\w{32}): Superseded: .+")
_COMMIT = re.compile("[0-9a-f]{32}")


async def decisions(world: World) -> list[tuple[str, str]]:
    """What was decided about each commit, oldest decision first."""
    return [
        (entry.commit, entry.reason or entry.decision.value)
        for entry in await world.entries()
    ]


async def requests(world: World) -> list[tuple[str, str, str]]:
    """What was decided about each request, oldest decision first."""
    return [
        (entry.request, entry.commit, entry.reason or entry.decision.value)
        for entry in await world.entries()
        if entry.request
    ]


async def settled(world: World, head: str, reason: str = "UpToDate") -> dict[str, Any]:
    """Wait until all is decided up to this commit; return the status."""
    return await world.shows(reason, head=head, pendingCommits=0, active=[])


async def answered(world: World, at: str, reason: str = "UpToDate") -> dict[str, Any]:
    """Wait until a request is answered and nothing is left to do."""
    return await world.shows(
        reason, lastHandledRequestAt=at, pendingCommits=0, active=[]
    )


async def push_some(world: World, *digits: int, **data: Any) -> list[str]:
    """One commit after the other, each with other data."""
    return [await world.push(digits=each, **data) for each in digits]


async def assert_one_story(
    world: World, *, with_jobs: bool = True, with_events: bool = True
) -> None:
    """Compare all that is told about a training at rest.

    `with_jobs`: no TFJob was deleted, as that of a run that was stopped is.
    `with_events`: no operator was killed before it came to tell what it had done.
    """
    entries = await world.entries()
    await _assert_models(world, entries)
    await _assert_history(world, entries)
    if with_events:
        await _assert_events(world, entries)
    if with_jobs:
        await _assert_jobs(world, entries)
    if with_jobs and with_events:
        assert len(await world.jobs()) == len(await world.told("RunStarted"))


async def _assert_models(world: World, entries: list[Entry]) -> None:
    recorded = [
        (each.commit, each.output, each.request, each.run, each.spec)
        for each in entries
        if each.decision is Decision.PUBLISHED
    ]
    published = [
        (each.input_commit, each.commit, each.request, each.run, each.spec)
        for each in await world.models()
    ]
    assert recorded == published
    assert len(published) == len(await world.commits())


async def _assert_history(world: World, entries: list[Entry]) -> None:
    status = await world.status()
    assert [
        (e.commit, e.decision.value, e.reason, e.message, e.request, e.output)
        for e in reversed(entries[-10:])
    ] == [
        tuple(
            each[name]
            for name in (
                *("commit", "decision", "reason", "message"),
                *("request", "modelCommit"),
            )
        )
        for each in status["history"]
    ]
    models = [each for each in entries if each.decision is Decision.PUBLISHED]
    newest = models[-1] if models else None
    assert (
        newest.commit if newest else "",
        newest.output if newest else "",
    ) == (status["lastTrainedCommit"], status["lastModelCommit"])
    assert status["pendingCommits"] == len(status["queue"])


async def _assert_events(world: World, entries: list[Entry]) -> None:
    for reason, decision in (
        ("ModelPublished", Decision.PUBLISHED),
        ("TrainingFailed", Decision.FAILED),
    ):
        told = [_COMMIT.findall(message)[0] for message in await world.told(reason)]
        made = [each.commit for each in entries if each.decision is decision]
        assert Counter(made) == Counter(told)
    outputs = "".join(await world.told("ModelPublished"))
    assert all(each.output in outputs for each in entries)
    await _assert_skips(world, [e for e in entries if e.decision is Decision.SKIPPED])


async def _assert_skips(world: World, skips: list[Entry]) -> None:
    """One Event for each, or for a batch of those that were superseded together."""
    order = [each.commit for each in skips]
    told: list[tuple[str, str]] = []
    for message in await world.told("CommitSkipped"):
        batch = _BATCH.fullmatch(message)
        if batch is None:
            commit, reason, _ = re.split(": ", message, maxsplit=2)
            told.append((commit.removeprefix("Input commit "), reason))
        else:
            count, first, last = batch.groups()
            names = order[order.index(first) : order.index(last) + 1]
            assert int(count) == len(names)
            told += [(each, SUPERSEDED) for each in names]
    assert Counter((each.commit, each.reason) for each in skips) == Counter(told)


async def _assert_jobs(world: World, entries: list[Entry]) -> None:
    """A TFJob for each run that was recorded, and none for what was never run."""
    jobs = {
        job["metadata"]["name"]: job["metadata"]["labels"][COMMIT_LABEL]
        for job in await world.jobs()
    }
    ran = {each.tfjob: each.commit for each in entries if each.tfjob}
    assert ran.items() <= jobs.items()
    assert set(jobs.values()) == set(ran.values())
