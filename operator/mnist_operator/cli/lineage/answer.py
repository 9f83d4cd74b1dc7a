"""mnistctl lineage: what made a model, all that went into it, what came of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from mnist_operator.cli import inquiries, screen
from mnist_operator.cli.failures import ExitStatus, NotThereError
from mnist_operator.cli.graph.dot import dot_text
from mnist_operator.cli.graph.graph import Direction, Graph
from mnist_operator.cli.graph.question import Question, grow
from mnist_operator.cli.graph.up import Grown
from mnist_operator.cli.graph.views import build_graph_report, tree_lines
from mnist_operator.cli.lineage.folder_reports import build_folder_report
from mnist_operator.cli.lineage.reports import build_report
from mnist_operator.cli.lineage.screen_lines import lineage_lines
from mnist_operator.cli.moments import parse_moment
from mnist_operator.cli.opened import Opened, find_folder, open_folder, open_model
from mnist_operator.cli.references import Reference, parse_reference
from mnist_operator.cli.refusals import refuse, warn
from mnist_operator.commits import Branch, Commit
from mnist_operator.pachyderm import Pachyderm

__all__ = ["show_lineage"]

_DRAWN = frozenset({"tree", "dot"})


def show_lineage(
    *,
    reference: str | None,
    direction: str | None,
    depth: int,
    walk: bool,
    at: str | None,
    run_repo: str,
    kind: str | None,
    **options: Any,
) -> None:
    """Tell where a model came from; records that disagree are an error.

    Raises:
        click.exceptions.Exit: With the status for that.
    """
    if kind in _DRAWN and direction is None:
        direction = Direction.UP
    if kind == "intoto" and direction is not None:
        raise click.UsageError("-o intoto is one model's record: leave --up and --down")
    if walk and direction != Direction.DOWN:
        raise click.UsageError("--walk looks for what came of a commit: give --down")
    folder = find_folder(reference)
    if folder is not None:
        _show_folder(folder, direction, kind, timed=at is not None)
        return
    default = inquiries.output_branch(options)
    wanted, moment = _read(reference, default, at, run_repo)
    asked = reference or str(default)
    if direction is None:
        _show_record(asked, wanted, moment, kind, options)
        return
    way = Direction(direction)
    question = Question(wanted, default, way, depth, moment, walk)

    async def look(client: Pachyderm) -> tuple[Commit, Grown]:
        return await grow(client, question)

    root, grown = inquiries.ask(inquiries.connect(options), look)
    report = build_graph_report(asked, str(root), way, grown, depth=depth, at=moment)
    _tell_graph(grown.graph, report, way, kind)
    _warn(report["disagreements"])


def _read(
    text: str | None, default: Branch, at: str | None, run_repo: str
) -> tuple[Reference, datetime | None]:
    try:
        wanted = parse_reference(text, default, run_repo=run_repo)
        moment = parse_moment(at, now=datetime.now(UTC)) if at else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if moment is not None and wanted.branch is None:
        raise click.UsageError("--at asks a branch: write repo@branch, or no REF")
    return wanted, moment


def _show_record(
    asked: str,
    wanted: Reference,
    moment: datetime | None,
    kind: str | None,
    options: Mapping[str, Any],
) -> None:
    """What made one model."""

    async def question(client: Pachyderm) -> Opened:
        return await open_model(client, wanted, at=moment)

    opened = inquiries.ask(inquiries.connect(options), question)
    if opened.found is None:
        raise TypeError(opened)
    report = build_report(asked, opened.found, opened.content, opened.files, at=moment)
    _tell_record(report, opened, kind)
    _warn(report["record"]["disagreements"])


def _show_folder(
    folder: Path, direction: str | None, kind: str | None, *, timed: bool
) -> None:
    """What made a model that was downloaded; nobody is asked."""
    if timed:
        raise click.UsageError("--at asks a branch, and not a folder")
    try:
        opened = open_folder(folder)
    except NotThereError as error:
        raise refuse(error) from None
    content = opened.content or b""
    report = build_folder_report(opened.name, content, opened.files)
    if direction is not None:
        job = report["run"]["tfjob"]
        name = f"tfjob/{job}" if job else "its output commit"
        raise click.UsageError(
            f"a folder has one record, and no others to go on to: ask for {name}"
        )
    _tell_record(report, opened, kind)


def _tell_record(report: Mapping[str, Any], opened: Opened, kind: str | None) -> None:
    if kind != "intoto":
        screen.tell(report, kind, lineage_lines)
    elif opened.content is None:
        why = f"{opened.name} has no lineage.json: -o json has what else is known"
        raise refuse(NotThereError(why))
    else:
        click.echo(opened.content, nl=False)


def _tell_graph(
    graph: Graph, report: Mapping[str, Any], way: Direction, kind: str | None
) -> None:
    if kind == "dot":
        click.echo(dot_text(graph, report["root"]))
    elif kind in {"json", "yaml"}:
        click.echo(screen.serialize(report, kind))
    else:
        screen.show(tree_lines(graph, report["root"], way, report))


def _warn(disagreements: Sequence[str]) -> None:
    """End with a status of its own where records disagree."""
    for each in disagreements:
        warn(f"the copies of the record disagree: {each}")
    if disagreements:
        raise click.exceptions.Exit(ExitStatus.UNTRUSTED)
