"""The ledger of a training: as it is, and made anew."""

import asyncio
import re
from typing import Any

import click

from mnist_operator import places
from mnist_operator.cli import lookup, screen
from mnist_operator.cli.failures import NotThereError
from mnist_operator.cli.inquiries import ask, connect
from mnist_operator.cli.ledger.rebuild import Truth, rebuild
from mnist_operator.cli.ledger.report import (
    build_rebuild,
    find_reopened,
    rebuild_lines,
)
from mnist_operator.cli.ledger.walks import all_attempts, all_commits, guess_start
from mnist_operator.cli.ledger.writing import write_ledger
from mnist_operator.cli.outputs import find_training
from mnist_operator.cli.pointers import tell_search
from mnist_operator.pachyderm import Pachyderm
from mnist_operator.resource import COMMIT_PATTERN, MnistTraining

__all__ = ["rebuild_ledger", "show_ledger"]

_STARTS = {"Latest", "Next", "Earliest"}


def show_ledger(*, name: str, namespace: str, **options: Any) -> None:
    """Write the ledger's lines as they are, oldest first."""
    connection = connect(options)
    training = find_training(name, namespace, options)
    ledger = places.ledger_branch(training)

    async def read(client: Pachyderm) -> bytes:
        content = await lookup.read_ledger(client, ledger)
        if not content:
            raise NotThereError(
                f"there is nothing on {ledger}; {tell_search(training)}; or it was"
                f" lost: mnistctl ledger rebuild {training.key} makes it anew"
            )
        return content

    content = ask(connection, read)
    for line in content.splitlines():
        click.echo(screen.line(line.decode(errors="replace")).plain)


def rebuild_ledger(
    *,
    name: str,
    namespace: str,
    start_from: str,
    yes: bool,
    kind: str | None,
    **options: Any,
) -> None:
    """Tell what a rebuild changes; with yes, change it."""
    if start_from not in _STARTS and not re.fullmatch(COMMIT_PATTERN, start_from):
        raise click.UsageError(
            f"--start-from {start_from!r} is neither Latest, Next, Earliest nor a"
            " commit's whole ID: give what spec.trigger.startFrom says"
        )
    connection = connect(options)
    training = find_training(name, namespace, options)
    report = ask(
        connection,
        lambda client: _rebuild(client, training, start_from, write=yes),
    )
    screen.tell(report, kind, rebuild_lines)


async def _rebuild(
    client: Pachyderm, training: MnistTraining, asked: str, *, write: bool
) -> dict[str, Any]:
    ledger = places.ledger_branch(training)
    head = await client.branch_head_id(ledger)
    content = await lookup.read_ledger(client, ledger) if head else b""
    commits, attempts = await asyncio.gather(
        all_commits(client, places.output_branch(training)),
        all_attempts(client, training),
    )
    truth = Truth(training.key, commits, attempts)
    start = await guess_start(client, truth, content, asked)
    plan = rebuild(content, Truth(training.key, commits, attempts, start))
    if not plan.content and not content and not attempts:
        raise NotThereError(
            f"Pachyderm knows nothing of a MnistTraining {training.key}: there is no"
            f" {ledger}, no run of it, and no model of it on"
            f" {places.output_branch(training)}; {tell_search(training)}"
        )
    report = build_rebuild(
        training.key,
        plan,
        ledger=ledger,
        before=head,
        reopened=find_reopened(content, plan),
    )
    if not (write and plan.is_needed):
        return report
    written = await write_ledger(
        client, ledger, before=head, old=content, new=plan.content
    )
    return report | {"written": written.commit, "appendedAgain": written.again}
