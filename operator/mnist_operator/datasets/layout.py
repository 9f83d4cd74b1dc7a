"""What changed between two data sets, laid out as one picture. Pure.

Wide for a screen or a file; narrow for a telephone, with the same sizes of letters.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Final

from mnist_operator.datasets.changes import ClassCount, Comparison, SplitChange
from mnist_operator.datasets.groups import Group, Key
from mnist_operator.datasets.pairs import PARTS
from mnist_operator.datasets.picking import LONGEST_SIDE, Image
from mnist_operator.datasets.sheets import (
    AFTER,
    BEFORE,
    FAINT,
    INK,
    TEXT,
    Box,
    Colour,
    Item,
    Photo,
    Sheet,
    Words,
)

__all__ = ["Images", "lay_out"]

Images = Mapping[Key, Image]
"""What each tile shows."""

_WIDE: Final = 960
_NARROW: Final = 400
_LETTER: Final = 12
"""The width of the widest letters that are drawn: those of a PNG."""
_LINES: Final = 4
"""Of one text, at most."""
_MARGIN: Final = 24
_CAPTION_LENGTH: Final = 6
"""Of what is wider, the letters are smaller."""
_SMALL: Final = 7
_CELL: Final = 76
_CAPTION: Final = 22
_BAR: Final = 9
_ROW: Final = 26
_LEADING: Final = 8
_LABELS: Final = 190
_COUNTS: Final = 230
_MOST_CLASSES: Final = 40
_NAME_LENGTH: Final = 14


def lay_out(
    title: str,
    comparison: Comparison,
    groups: Iterable[Group],
    images: Images,
    *,
    narrow: bool = False,
) -> Sheet:
    """Put everything in its place: of each split the samples, then its classes."""
    chosen, width = list(groups), _NARROW if narrow else _WIDE
    items: list[Item] = []
    names = comparison.after.names or comparison.before.names or ()
    y = _add_text(items, title, _MARGIN, width) + TEXT
    items += _legend(y)
    y += 2 * TEXT
    for part in PARTS:
        change = comparison.split(part)
        if not change.classes:
            continue
        y = _add_text(items, _summary(part, change), y, width) + TEXT
        for group in (each for each in chosen if each.part == part):
            y = _add_group(items, group, images, y, width)
        y = _add_classes(items, change, names, y, width) + TEXT
    return Sheet(title, width, y + _MARGIN, tuple(items))


def _add_text(
    items: list[Item], text: str, y: int, width: int, colour: Colour = INK
) -> int:
    """A text in as many lines as it takes; gives back where they end."""
    length = (width - 2 * _MARGIN) // _LETTER
    for line in wrap(text, length, max_lines=_LINES, placeholder=" …"):
        items.append(Words(_MARGIN, y, line, colour=colour))
        y += TEXT + _LEADING
    return y - _LEADING


def _legend(y: int) -> Iterator[Item]:
    """Which colour is which side."""
    for x, text, colour in (
        (_MARGIN, "before", BEFORE),
        (_MARGIN + _LABELS, "after", AFTER),
    ):
        yield Box(x, y, TEXT, TEXT, colour)
        yield Words(x + 2 * TEXT, y, text, colour=FAINT)


def _summary(part: str, change: SplitChange) -> str:
    counts = f"{change.samples.before} → {change.samples.after}"
    if change.same:
        return f"{part}: {change.samples.after}, the same ones"
    return (
        f"{part}: {counts}, +{len(change.added)} -{len(change.removed)},"
        f" {len(change.relabelled)} relabelled, class shift {change.class_shift:.4f}"
    )


def _add_group(
    items: list[Item],
    group: Group,
    images: Images,
    y: int,
    width: int,
) -> int:
    """Rows of images with their captions; gives back where they end."""
    y = _add_text(items, group.title, y, width, FAINT) + _LEADING
    columns = (width - 2 * _MARGIN) // _CELL
    for number, tile in enumerate(group.tiles):
        row, column = divmod(number, columns)
        left, top = _MARGIN + column * _CELL, y + row * (_CELL + _CAPTION)
        image = images[tile.key]
        scale = max(LONGEST_SIDE // max(image.width, image.height), 1)
        items += [
            Photo(left, top, scale, image),
            Words(
                left + image.width * scale // 2,
                top + LONGEST_SIDE,
                tile.caption,
                size=TEXT if len(tile.caption) <= _CAPTION_LENGTH else _SMALL,
                anchor="middle",
            ),
        ]
    rows = -(-len(group.tiles) // columns)
    return y + rows * (_CELL + _CAPTION)


def _add_classes(
    items: list[Item], change: SplitChange, names: Sequence[str], y: int, width: int
) -> int:
    """A bar for before and one for after, class by class.

    Between the name and the count where there is room, else below them.
    """
    classes = _worth_showing(change.classes)
    most = max(max(each.before, each.after) for each in classes)
    whole = width - 2 * _MARGIN
    beside = whole - _LABELS - _COUNTS
    for each in classes:
        name = names[each.label] if each.label < len(names) else ""
        label = _cut(f"{each.label} {name}".strip(), _NAME_LENGTH)
        told = str(each.after)
        if each.before != each.after:
            told = f"{each.before} → {told} ({each.after - each.before:+})"
        items += [
            Words(_MARGIN, y, label),
            Words(width - _MARGIN, y, told, colour=FAINT, anchor="right"),
        ]
        if beside > 0:
            items += _bars(_MARGIN + _LABELS, y, each, most, beside)
        else:
            y += TEXT + _LEADING
            items += _bars(_MARGIN, y, each, most, whole)
        y += _ROW
    if len(classes) < len(change.classes):
        more = len(change.classes) - len(classes)
        items.append(Words(_MARGIN, y, f"{more} more classes", colour=FAINT))
        y += _ROW
    return y


def _bars(x: int, y: int, each: ClassCount, most: int, room: int) -> Iterator[Box]:
    for top, count, colour in (
        (y, each.before, BEFORE),
        (y + _BAR, each.after, AFTER),
    ):
        yield Box(x, top, round(count * room / most), _BAR - 1, colour)


def _worth_showing(classes: Sequence[ClassCount]) -> list[ClassCount]:
    """Those that changed most, if there are too many; in the order of their labels."""
    ranked = sorted(classes, key=lambda each: -abs(each.after - each.before))
    return sorted(ranked[:_MOST_CLASSES], key=lambda each: each.label)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
