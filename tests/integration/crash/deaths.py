"""What the tests of this folder have in common: a death, a life after, the proof."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from integration.crash.forked import ForkedProcess
from integration.crash.holds import Fate, Hold
from integration.world import DEADLINE_SECONDS, NAMESPACE, OUTPUT, RUNS, until
from mnist_operator.commits import Branch, CommitState
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.lineage import LINEAGE_FILE, read_model
from mnist_operator.resource import MAX_PARALLEL

__all__ = [
    "come_to_rest",
    "die_under",
    "die_while",
    "expect_all_well",
    "expect_no_partial_model",
    "has_decided",
    "ledger_lines",
    "live_again",
    "survive",
]

SLOTS = [Branch(RUNS, f"{NAMESPACE}_mnist_{slot}") for slot in range(MAX_PARALLEL)]
LEDGER = Branch(RUNS, f"{NAMESPACE}_mnist_ledger")
_FILES = {"/my_model.h5", "/metrics.json", "/run.json", LINEAGE_FILE}


async def die_while(world: Any, fate: Fate, *words: str) -> Hold:
    """Run an operator and kill it when it makes a call with these words."""
    hold: Hold = world.holds.add(fate, *words)
    async with ForkedProcess(world) as operator:
        await die_under(world, operator, hold)
    return hold


async def die_under(world: Any, operator: ForkedProcess, hold: Hold) -> None:
    """Kill an operator that is at work already, when it makes the call of a hold."""
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await hold.reached.wait()
    except TimeoutError:
        raise AssertionError(f"never called: {hold.words}") from None
    await operator.kill()
    await expect_no_partial_model(world)


async def survive(world: Any, fate: Fate, *words: str, **spec: Any) -> tuple[str, str]:
    """Push, die, come back; push again. Returns the two input commits."""
    await world.apply(**spec)
    first = await world.push(digits=1)
    hold = await die_while(world, fate, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first, hold)
    return first, second


async def live_again(world: Any, first: str, *holds: Hold, **spec: Any) -> str:
    """With an operator at work: the old commit's end, the late calls, a new commit."""
    await until(lambda: has_decided(world, first), "the end of the first commit")
    for hold in holds:
        await hold.deliver()
    if spec:
        await world.change(**spec)
    second: str = await world.push(digits=9)
    await until(lambda: has_decided(world, second), "the end of the second commit")
    await until(lambda: _is_closed(world), "the end of the last attempt")
    return second


async def come_to_rest(world: Any) -> None:
    """Let one more operator put away what two left behind that died at work."""
    async with ForkedProcess(world):
        await until(lambda: _is_put_away(world), "a world at rest")


async def _is_put_away(world: Any) -> bool:
    models = all(each.finished for each in await world.commits())
    return models and await _is_closed(world) and not world.jobs_at_once


async def has_decided(world: Any, last: str) -> bool:
    """Whether the operator says that nothing is left to do after this commit."""
    status = await world.status()
    ready = {c["type"]: c for c in status.get("conditions", [])}.get("Ready", {})
    idle = ready.get("reason") in {"UpToDate", "TrainingFailed"}
    return bool(idle and last in ready["message"] and not status.get("active"))


async def _is_closed(world: Any) -> bool:
    for slot in SLOTS:
        if await world.pachyderm.branch_head_id(slot) is None:
            break
        if not all(attempt.finished for attempt in await world.commits(slot)):
            return False
    return True


async def expect_no_partial_model(world: Any) -> None:
    """Whatever can be read as finished on the output branch is a whole model."""
    for commit in await world.commits():
        if commit.state is CommitState.FINISHED:
            listed = await world.pachyderm.files(OUTPUT.repo, commit.id)
            assert _FILES == {each.path for each in listed}
            assert read_model(commit) is not None


async def expect_nothing_else(world: Any, models: int) -> None:
    """The output repo has no other commit, on whichever branch."""
    commits = [each async for each in world.pachyderm.commits(OUTPUT.repo)]
    assert [CommitState.FINISHED] * models == [each.state for each in commits]


async def expect_all_well(
    world: Any,
    *commits: str,
    undone: Sequence[str] = (),
    jobs: int | None = None,
    at_once: int = 1,
) -> None:
    """One model for each commit, in their order, and nothing left lying about.

    Those undone, which came first, are decided as well, and have no model.
    """
    outputs = await world.commits()
    models = await world.models()
    ledger = await world.ledger()

    assert [CommitState.FINISHED] * len(commits) == [each.state for each in outputs]
    assert list(commits) == [model.input_commit for model in models]
    assert [*undone, *commits] == [each.commit for each in ledger.recent[::-1]]
    assert (len(commits) if jobs is None else jobs) == len(await world.jobs())
    assert at_once == world.most_jobs_at_once
    for commit, model in zip(commits, models, strict=True):
        await _expect_record(world, commit, model.commit)
    await expect_no_partial_model(world)
    await expect_nothing_else(world, len(commits))
    await expect_each_event_once(world)


async def _expect_record(world: Any, commit: str, output: str) -> None:
    repo = OUTPUT.repo
    content = await world.pachyderm.read(repo, output, LINEAGE_FILE, limit=1 << 20)
    definition = json.loads(content)["predicate"]["buildDefinition"]
    assert commit == definition["resolvedDependencies"][0]["annotations"]["commit"]


async def expect_each_event_once(world: Any) -> None:
    """No Event tells what another one told."""
    told = Counter((e["reason"], e["message"]) for e in await world.events())
    assert [] == [text for text, number in told.items() if number > 1]


async def ledger_lines(world: Any) -> list[dict[str, Any]]:
    """The ledger as it lies there, without any folding."""
    head = await world.pachyderm.branch_head_id(LEDGER)
    content = await world.pachyderm.read(RUNS, head, LEDGER_FILE, limit=1 << 20)
    return [json.loads(line) for line in content.splitlines()]
