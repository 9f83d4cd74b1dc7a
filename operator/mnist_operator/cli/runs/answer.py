"""What every attempt did, from the slots, the ledger and the output branch."""

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import click

from mnist_operator import places, runs
from mnist_operator.cli import lookup, screen
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.history.histories import read_entries
from mnist_operator.cli.inquiries import ask, connect
from mnist_operator.cli.outputs import find_training
from mnist_operator.cli.pointers import tell_search
from mnist_operator.cli.references import is_prefix
from mnist_operator.cli.runs.attempts import build_runs, find_unrecorded, runs_lines
from mnist_operator.commits import Commit, Repo
from mnist_operator.errors import NotFoundError, TooLargeError
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt

__all__ = ["read_requests", "show"]

_AT_ONCE = 8
_REQUEST_LIMIT = 1024 * 1024


def show(
    *,
    name: str,
    namespace: str,
    wanted: str,
    limit: int,
    kind: str | None,
    **options: Any,
) -> None:
    """Tell every attempt, and what was made of it."""
    if wanted and not is_prefix(wanted):
        raise click.UsageError(
            f"--commit {wanted!r} is neither a commit's ID nor the beginning of one"
        )
    connection = connect(options)
    training = find_training(name, namespace, options)
    report = ask(
        connection,
        lambda client: _look(client, training, wanted.lower(), limit=limit),
    )
    screen.tell(report, kind, lambda each: runs_lines(each, now=datetime.now(UTC)))


async def _look(
    client: Pachyderm, training: MnistTraining, wanted: str, *, limit: int
) -> dict[str, Any]:
    walked = await lookup.newest_attempts(client, training, wanted=wanted, limit=limit)
    if not walked.attempts:
        raise NotThereError(_explain_no_run(training, walked.slots, wanted))
    ledger = places.ledger_branch(training)
    content, asked = await asyncio.gather(
        lookup.read_ledger(client, ledger),
        read_requests(client, places.run_repo(training), walked.attempts),
    )
    entries = read_entries(content)
    commits: list[Commit] = []
    if find_unrecorded(walked.attempts, entries):
        output = places.output_branch(training)
        commits = await lookup.newest_commits(client, output, limit)
    return build_runs(training, walked, entries, commits, wanted=wanted, asked=asked)


async def read_requests(
    client: Pachyderm, repo: Repo, attempts: Iterable[Attempt]
) -> dict[str, Any]:
    """What closed attempts were asked to do: attempt.json, by the staging commit.

    What cannot be read is left out; an open commit cannot be read at all.
    """
    turns = asyncio.Semaphore(_AT_ONCE)
    found: dict[str, Any] = {}

    async def read(staging: str) -> None:
        async with turns:
            content = await client.read(
                repo, staging, runs.ATTEMPT_FILE, limit=_REQUEST_LIMIT
            )
        found[staging] = json.loads(content or b"null")

    async def try_to_read(staging: str) -> None:
        with suppress(NotFoundError, TooLargeError, ValueError, RecursionError):
            await read(staging)

    closed = (each.staging for each in attempts if each.finished)
    await asyncio.gather(*map(try_to_read, closed))
    return found


def _explain_no_run(training: MnistTraining, slots: int, wanted: str) -> str:
    if slots and wanted:
        return (
            f"no run of {training.key} is on an input commit {wanted}: leave"
            " --commit out to see all of them, or ask mnistctl explain, which has the"
            " skipped ones too"
        )
    return (
        f"Pachyderm knows no run of a MnistTraining {training.key}: there is none on"
        f" {places.slot_branch(training)}; {tell_search(training)}"
    )
