"""Why every commit was trained, or was not; and everything about one of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from mnist_operator import places
from mnist_operator.cli import lookup, screen
from mnist_operator.cli.explain.commit import Asked, build_story, explain_unknown
from mnist_operator.cli.explain.explaining import Queue, build_overview
from mnist_operator.cli.explain.lines import overview_lines, story_lines
from mnist_operator.cli.explain.waits import tell_turn
from mnist_operator.cli.explain.walks import (
    attempts_on,
    find_input,
    is_on,
    read_queue,
)
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.history.histories import Decisions, find_missed, read_decisions
from mnist_operator.cli.inquiries import ask, connect
from mnist_operator.cli.outputs import find_training
from mnist_operator.cli.pointers import tell_search
from mnist_operator.cli.references import Reference, parse_reference
from mnist_operator.cli.runs.answer import read_requests
from mnist_operator.cli.runs.attempts import find_unrecorded
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Entry
from mnist_operator.ledger import Ledger
from mnist_operator.lineage import model_of
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining

__all__ = ["show"]

_MODELS = 50
"""Commits of the output branch that are looked at where the ledger misses a model."""
_NEWEST = 5
"""The same, where the ledger does not say which branch is followed."""


def show(
    *,
    name: str,
    commit: str | None,
    namespace: str,
    limit: int,
    kind: str | None,
    **options: Any,
) -> None:
    """Explain every commit, or all that is known of one."""
    connection = connect(options)
    training = find_training(name, namespace, options)
    if commit is None:
        report = ask(connection, lambda client: _overview(client, training, limit))
        screen.tell(report, kind, overview_lines)
    else:
        _parse(commit, places.input_branch(training))  # Before anybody is asked.
        story = ask(connection, lambda client: _story(client, training, commit))
        screen.tell(story, kind, story_lines)


async def _overview(
    client: Pachyderm, training: MnistTraining, limit: int
) -> dict[str, Any]:
    content, decisions, queue = await _read(client, training)
    if not content and not queue.attempts and not decisions.entries:
        raise NotThereError(
            f"Pachyderm knows nothing of a MnistTraining {training.key}: there is no"
            f" {places.ledger_branch(training)}; {tell_search(training)}"
        )
    return build_overview(training.key, decisions, queue, limit=limit)


async def _read(
    client: Pachyderm, training: MnistTraining
) -> tuple[bytes, Decisions, Queue]:
    """The ledger with the models that it misses, and what is not decided."""
    content = await lookup.read_ledger(client, places.ledger_branch(training))
    decisions, ledger = read_decisions(content), Ledger.parse(content)
    branch = await _input_branch(client, training, decisions)
    queue = await read_queue(client, training, branch, ledger)
    if find_unrecorded(queue.attempts, decisions.entries):
        missed = await _missed(client, training, decisions)
        entries = sorted([*decisions.entries, *missed], key=lambda each: each.time)
        decisions = replace(decisions, entries=tuple(entries))
        gone = {entry.commit for entry in missed}
        left = [each for each in queue.commits if each.id not in gone]
        queue = replace(queue, commits=left)
    failures = ledger.streak.count
    queue = tell_turn(queue, training, failures, now=datetime.now(UTC))
    return content, decisions, queue


async def _missed(
    client: Pachyderm, training: MnistTraining, decisions: Decisions
) -> list[Entry]:
    known = {e.output for e in decisions.entries} | {e.run for e in decisions.entries}
    output = places.output_branch(training)
    commits = await lookup.newest_commits(client, output, _MODELS)
    found = [find_missed(each, training.key, known) for each in commits]
    return [entry for entry in found if entry is not None]


async def _input_branch(
    client: Pachyderm, training: MnistTraining, decisions: Decisions
) -> Branch:
    """The branch that is followed: by the ledger's start, else by the newest model."""
    source = decisions.start.source if decisions.start else ""
    if not source:
        output = places.output_branch(training)
        commits = await lookup.newest_commits(client, output, _NEWEST)
        models = [model_of(each, training.key) for each in commits]
        named = [f"{m.input_repo}@{m.input_branch}" for m in models if m]
        source = named[0] if named else ""
    project, _, rest = source.partition("/")
    repo, _, branch = rest.partition("@")
    if project and repo and branch:
        return Branch(Repo(project, repo), branch)
    return places.input_branch(training)


def _parse(text: str, default: Branch) -> Reference:
    try:
        return parse_reference(text, default)
    except ValueError as error:
        raise click.UsageError(f"COMMIT: {error}") from None


async def _story(
    client: Pachyderm, training: MnistTraining, text: str
) -> dict[str, Any]:
    _, decisions, queue = await _read(client, training)
    reference = replace(_parse(text, queue.branch), runs=(places.run_repo(training),))
    known = {entry.commit: entry.commit for entry in decisions.entries}
    models = {e.output: e.commit for e in decisions.entries if e.output}
    id_, commit = await find_input(client, training, reference, queue, models | known)
    attempts = await attempts_on(client, training, id_, commit)
    undecided = {each.id for each in queue.commits}
    if commit is not None and id_ not in known.keys() | undecided and not attempts:
        found = await is_on(client, queue.branch, commit)
        why = explain_unknown(commit, decisions.start, queue.branch, on_branch=found)
        raise NotThereError(why)
    repo = places.run_repo(training)
    requests = await read_requests(client, repo, attempts)
    asked = Asked(id_, commit, attempts, requests)
    return build_story(training.key, decisions, queue, asked)
