"""After a soak: every commit has exactly one decision, and the models are those."""

import asyncio
from collections import Counter
from typing import Any

from mnist_operator.commits import Branch
from mnist_operator.decisions import Decision, Entry, read_line
from mnist_operator.ledger import LEDGER_FILE, counting
from soak.stage import Course, Stage, insist

__all__ = ["audit", "rest"]

_PAUSE_SECONDS = 1.0
_MODEL, _DATA = "/my_model.h5", "/data/mnist.npz"
_LIMIT = 1 << 28


async def rest(stage: Stage, *, seconds: float) -> list[str]:
    """Wait until nothing is left to do; else say who is not done."""
    late: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            while late := await _busy(stage):
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        return [f"not at rest after {seconds:.0f} s: {each}" for each in late]
    return []


async def _busy(stage: Stage) -> list[str]:
    bodies = await stage.bodies()
    found = []
    for course in stage.courses:
        body: dict[str, Any] = bodies.get(course.name, {})
        status = body.get("status", {})
        head = await insist(lambda c=course: stage.pachyderm.branch_head_id(c.input))
        conditions = {e["type"]: e["status"] for e in status.get("conditions", [])}
        done = (
            status.get("head", "") == (head or "")
            and not status.get("pendingCommits")
            and not status.get("active")
            and conditions.get("Reconciling") == "False"
        )
        if not done:
            told = {k: status.get(k) for k in ("head", "pendingCommits", "conditions")}
            found.append(f"{course.name}: {told}")
    return found


async def audit(stage: Stage) -> tuple[Counter[str], list[str]]:
    """What was decided, counted; and each sentence that should not be true."""
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for course in stage.courses:
        entries = await _entries(stage, course)
        counts.update(each.decision.value for each in entries)
        found = [
            *await _check_decisions(stage, course, entries),
            *await _check_models(stage, course, entries),
        ]
        faults += [f"{course.name}: {each}" for each in found]
    return counts, faults


async def _entries(stage: Stage, course: Course) -> list[Entry]:
    """The lines that count: what is written twice is said once."""
    branch = Branch(course.runs, f"{stage.namespace}_{course.name}_ledger")
    client = stage.pachyderm
    head = await client.branch_head_id(branch)
    assert head is not None, f"{course.name} has no ledger"
    content = await client.read(branch.repo, head, LEDGER_FILE, limit=_LIMIT) or b""
    lines = [read_line(line) for line in content.splitlines()]
    entries = [each for each in lines if each is not None]
    assert len(entries) == len(lines)
    kept = zip(entries, counting(entries), strict=True)
    return [e for e, counts in kept if counts and e.decision is not Decision.STARTED]


async def _check_decisions(
    stage: Stage, course: Course, entries: list[Entry]
) -> list[str]:
    commits = [each.id for each in await stage.commits(course.input)]
    turns = Counter(each.commit for each in entries if not each.request)
    asked = Counter(each.request for each in entries if each.request)
    # A request may be about no commit: there was none that could be trained.
    decided = {each.commit for each in entries if each.commit or not each.request}
    strangers = decided - {*commits}
    return [
        *[f"{commit} was never decided" for commit in commits if commit not in decided],
        *[f"{commit} was decided {n} times" for commit, n in turns.items() if n > 1],
        *[f"{request} was answered {n} times" for request, n in asked.items() if n > 1],
        *[f"{each} was decided, and nobody pushed it" for each in strangers],
    ]


async def _check_models(
    stage: Stage, course: Course, entries: list[Entry]
) -> list[str]:
    recorded = [
        (each.commit, each.output, each.request, each.run)
        for each in entries
        if each.decision is Decision.PUBLISHED
    ]
    models = await stage.models(course.output)
    published = [(m.input_commit, m.commit, m.request, m.run) for m in models]
    if recorded != published:
        return [f"recorded {recorded}, and published {published}"]
    client, faults = stage.pachyderm, []
    for model in models:
        data = await client.read(course.input.repo, model.input_commit, _DATA)
        made = await client.read(course.output.repo, model.commit, _MODEL)
        if made != b"model of " + (data or b"nothing"):
            faults.append(f"{model.commit} is not the model of {model.input_commit}")
    return faults
