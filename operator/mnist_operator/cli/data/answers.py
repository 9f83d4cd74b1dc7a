"""What the data did between two commits: asked, compared, shown, drawn."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from mnist_operator.cli.data.lines import diff_lines, image_lines
from mnist_operator.cli.data.places import (
    Asked,
    State,
    narrow,
    open_state,
    read_argument,
)
from mnist_operator.cli.data.reports import build_report
from mnist_operator.cli.failures import NoAnswerError
from mnist_operator.cli.inquiries import ask, connect
from mnist_operator.cli.refusals import refuse
from mnist_operator.cli.screen import show, tell
from mnist_operator.data_changes import Shelf, examine, pick_images
from mnist_operator.data_sources import Source
from mnist_operator.datasets import png, svg
from mnist_operator.datasets.groups import Group, Key, Side, choose
from mnist_operator.datasets.layout import lay_out
from mnist_operator.datasets.picking import Image
from mnist_operator.datasets.sheets import Sheet
from mnist_operator.pachyderm import Pachyderm

__all__ = ["show_diff"]

_KINDS = (".png", ".svg")
_DIGITS = 12
"""Of an ID; enough to find a commit by."""


def show_diff(**options: Any) -> None:
    """Answer `mnistctl diff`."""
    picture: Path | None = options["picture"]
    if picture is not None and picture.suffix not in _KINDS:
        raise click.UsageError(f"--picture {picture}: end it with .png or .svg")
    sides = [read_argument(options[side], options) for side in ("before", "after")]

    async def answer(client: Pachyderm | None) -> tuple[dict[str, Any], list[Text]]:
        try:
            return await _answer(client, sides, options)
        except OSError as error:
            raise NoAnswerError(
                f"{error.filename or 'a copy of the data'}: {error.strerror}; name"
                " files that can be read and written, and a folder with room for the"
                " data in TMPDIR"
            ) from error

    report, drawn = _run(answer, sides, options)
    tell(report, options["kind"], diff_lines)
    if options["kind"] is None:
        show(drawn)


def _run(
    answer: Callable[[Pachyderm | None], Awaitable[Any]],
    sides: Sequence[Asked],
    options: dict[str, Any],
) -> Any:
    """Ask Pachyderm, unless both sides are here."""
    if not all(side.local for side in sides):
        return ask(connect(options), answer)

    async def offline() -> Any:
        return await answer(None)

    try:
        return asyncio.run(offline())
    except NoAnswerError as error:
        raise refuse(error) from None


async def _answer(
    client: Pachyderm | None, sides: Sequence[Asked], options: dict[str, Any]
) -> tuple[dict[str, Any], list[Text]]:
    path, limit, shown = options["path"], options["limit"], options["shown"]
    before, after = [await open_state(client, side, path) for side in sides]
    sources: dict[Side, Source] = {"before": before.source, "after": after.source}
    if before.is_file or after.is_file:
        sources = {side: narrow(source, path) for side, source in sources.items()}
    with Shelf() as shelf:
        change = await examine(sources["before"], sources["after"], path, shelf)
        report = build_report(before, after, change, path=path, limit=limit)
        comparison, picture = change.comparison, options["picture"]
        if comparison is None:
            if picture is not None:
                report["notes"].append(f"no picture was drawn: {change.reason}")
            return report, []
        some = choose(comparison, max(limit if picture else 0, shown))
        images = await pick_images(sources, comparison, some, shelf)
    if picture is not None:
        sheet = lay_out(
            f"{_brief(before)} → {_brief(after)}",
            comparison,
            choose(comparison, limit),
            images,
        )
        _write(picture, sheet)
    return report, _show(choose(comparison, shown), images)


def _brief(state: State) -> str:
    commit = state.commit
    return f"{commit.repo}@{commit.id[:_DIGITS]}" if commit else state.source.name


def _write(picture: Path, sheet: Sheet) -> None:
    drawn = (
        png.render(sheet) if picture.suffix == ".png" else svg.render(sheet).encode()
    )
    picture.write_bytes(drawn)


def _show(groups: Sequence[Group], images: Mapping[Key, Image]) -> list[Text]:
    return [
        each
        for group in groups
        for each in image_lines(
            f"{group.part.capitalize()}, {group.title}",
            [(tile.caption, images[tile.key]) for tile in group.tiles],
        )
    ]
