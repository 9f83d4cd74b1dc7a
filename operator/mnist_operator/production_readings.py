"""Read what is in production, what the gate said, and what is to be compared next.

Only with spec.promotion. The branch costs one call a look; a model's verdict and a
record are read once, since their commits are finished.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mnist_operator import places
from mnist_operator.commits import Branch, Commit, CommitState, Repo
from mnist_operator.errors import DeniedError, NotFoundError, TooLargeError
from mnist_operator.evidence import LINEAGE_FILE
from mnist_operator.foreign import read_json, rows, table, word
from mnist_operator.gate import Mark
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import model_of
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.production import Candidate, MoveRequest, Production, find_target
from mnist_operator.promotion_spec import (
    PROMOTION_COMMIT,
    PROMOTION_FORCED,
    PROMOTION_REQUEST,
    HeldOut,
    Promotion,
)
from mnist_operator.readings import Memory, newest_finished
from mnist_operator.resource import COMMIT_PATTERN, MnistTraining
from mnist_operator.test_result import PROMOTION_FILE, Verdict, read_verdict
from mnist_operator.trial import Pinned, Trial

__all__ = ["read_production"]

_RECORD_LIMIT = 4 * 1024 * 1024


async def read_production(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    ledger: Ledger,
    *,
    may_open: bool,
) -> Production | None:
    """Everything about the production branch; None where nobody wants to know.

    `may_open`: whether an attempt may be opened now, which is told what to compare.
    """
    gate = training.spec.gate
    if gate is None:
        return None
    head = await client.branch_head_id(places.production_branch(training)) or ""
    newest = ledger.published
    candidate: Candidate | None = None
    if newest is not None:
        verdict = await _read_verdict(client, training, memory, newest.output)
        candidate = Candidate(newest.output, newest.commit, verdict)
    request = await _find_request(client, training, memory, ledger, head)
    trial: Trial | None = None
    if may_open:
        trial = await _find_trial(client, training, memory, gate, head)
    return Production(head, candidate, request, trial)


async def _read_verdict(
    client: Pachyderm, training: MnistTraining, memory: Memory, commit: str
) -> Verdict | None:
    """What a model's promotion.json says; nothing where it has none, or is gone."""
    known = memory.verdicts.get(commit)
    if known is not None:
        return known[0]
    memory.verdicts = {commit: (await _ask_verdict(client, training, commit),)}
    return memory.verdicts[commit][0]


async def _ask_verdict(
    client: Pachyderm, training: MnistTraining, commit: str
) -> Verdict | None:
    repo = places.output_branch(training).repo
    content: bytes | None = None
    with suppress(NotFoundError, TooLargeError):
        content = await client.read(repo, commit, PROMOTION_FILE, limit=_RECORD_LIMIT)
    return read_verdict(content)


async def _find_request(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    ledger: Ledger,
    head: str,
) -> MoveRequest | None:
    """The move that the annotations ask for, until it is answered."""
    text, said = training.promotion_requested_at, training.annotations
    if not text or text in ledger.answered:
        return None
    kind, asked = said.get(PROMOTION_REQUEST, ""), said.get(PROMOTION_COMMIT, "")
    # Where we died after the move, the branch shows the target already.
    before = ledger.in_production or head
    target = find_target(kind, asked, before, ledger)
    model: Candidate | None = None
    if re.fullmatch(COMMIT_PATTERN, target):
        model = await _find_model(client, training, memory, target)
    return MoveRequest(text, kind, asked, said.get(PROMOTION_FORCED, ""), model)


async def _find_model(
    client: Pachyderm, training: MnistTraining, memory: Memory, commit: str
) -> Candidate | None:
    repo = places.output_branch(training).repo
    found = await client.commit(repo, commit)
    if found is None or found.state is not CommitState.FINISHED:
        return None
    model = model_of(found, training.key)
    if model is None:
        return None
    verdict = await _read_verdict(client, training, memory, commit)
    return Candidate(commit, model.input_commit, verdict)


async def _find_trial(
    client: Pachyderm,
    training: MnistTraining,
    memory: Memory,
    gate: Promotion,
    head: str,
) -> Trial | None:
    """What a run that is opened now compares; None where there are no images."""
    held_out = await _pin_images(client, gate.held_out) if gate.held_out else None
    if held_out is None:
        return None
    if not head:
        return Trial(held_out, bars=gate.bars)
    if memory.champion is None or memory.champion[0] != head:
        places_of = await _read_champion(client, training, head)
        verdict = await _ask_verdict(client, training, head)
        memory.champion = head, places_of, verdict
    _, (champion, data), verdict = memory.champion
    mark = _find_mark(held_out, verdict)
    return Trial(held_out, champion, data, bars=gate.bars, mark=mark)


def _find_mark(held_out: Pinned, verdict: Verdict | None) -> Mark | None:
    """What else a new model must not be worse than, by the champion's own verdict.

    None where that was measured on other images, or is a mark itself: a champion that
    did not pass is there because somebody wanted it so, and begins anew.
    """
    where = f"{held_out.project}/{held_out.repo}", held_out.commit, held_out.path
    return verdict.mark if verdict is not None and verdict.images == where else None


async def _pin_images(client: Pachyderm, wanted: HeldOut) -> Pinned | None:
    repo = Repo(wanted.project, wanted.repo)
    commit, branch = wanted.commit or "", wanted.branch or ""
    if not commit:
        head: Commit | None = None
        with suppress(DeniedError):  # Told of each model: training goes on.
            head = await client.head(Branch(repo, branch))
            head = await newest_finished(client, repo, head)
        commit = head.id if head else ""
    if not commit:
        return None
    return Pinned(repo.project, repo.name, branch, commit, wanted.path)


async def _read_champion(
    client: Pachyderm, training: MnistTraining, head: str
) -> tuple[Pinned, Pinned | None]:
    """The model in production, and by its own record what it was trained on."""
    place = training.spec.output
    content: bytes | None = None
    with suppress(NotFoundError, TooLargeError):
        repo = Repo(place.project, place.repo)
        content = await client.read(repo, head, LINEAGE_FILE, limit=_RECORD_LIMIT)
    definition = _dig(read_json(content or b""), "predicate", "buildDefinition")
    spec = _dig(definition, "externalParameters", "spec")
    path = word(_dig(spec, "output").get("path")) or place.path
    model = Pinned(place.project, place.repo, place.branch, head, path)
    source, named = _dig(spec, "input"), rows(definition.get("resolvedDependencies"))
    told = (_dig(each, "annotations") for each in named if each.get("name") == "input")
    commit = word(next(told, {}).get("commit"))
    keys = ("project", "repo", "branch", "path")
    project, repo_name, branch, data = (word(source.get(key)) for key in keys)
    if not (commit and project and repo_name and branch and data):
        return model, None
    return model, Pinned(project, repo_name, branch, commit, data)


def _dig(value: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = table(value).get(key)
    return table(value)
