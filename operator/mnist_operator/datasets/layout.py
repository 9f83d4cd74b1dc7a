"""What changed between two data sets, laid out as one picture. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from mnist_operator.datasets.changes import ClassCount, Comparison, SplitChange
from mnist_operator.datasets.groups import Group, Key
from mnist_operator.datasets.pairs import PARTS
from mnist_operator.datasets.picking import LONGEST_SIDE, Image
from mnist_operator.datasets.sheets import TEXT, Box, Item, Photo, Sheet, Words

__all__ = ["Images", "lay_out"]

Images = Mapping[Key, Image]
"""What each tile shows."""

_WIDTH: Final = 960
_LINE_LENGTH: Final = 76
"""Characters; the narrowest letters that are drawn are 12 wide."""
_MARGIN: Final = 24
_CAPTION_LENGTH: Final = 6
"""Of what is wider, the letters are smaller."""
_SMALL: Final = 7
_CELL: Final = 76
_CAPTION: Final = 22
_BAR: Final = 9
_ROW: Final = 26
_LABELS: Final = 190
_COUNTS: Final = 230
_MOST_CLASSES: Final = 40
_NAME_LENGTH: Final = 14

_FAINT: Final = (110, 110, 120)
_BEFORE: Final = (170, 176, 190)
_AFTER: Final = (38, 98, 196)


def lay_out(
    title: str, comparison: Comparison, groups: Iterable[Group], images: Images
) -> Sheet:
    """Put everything in its place: of each split the samples, then its classes."""
    chosen = list(groups)
    items: list[Item] = [Words(_MARGIN, _MARGIN, _cut(title, _LINE_LENGTH))]
    names = comparison.after.names or comparison.before.names or ()
    y = _MARGIN + 2 * TEXT
    items += _legend(y)
    y += 2 * TEXT
    for part in PARTS:
        change = comparison.split(part)
        if not change.classes:
            continue
        items.append(Words(_MARGIN, y, _summary(part, change)))
        y += 2 * TEXT
        for group in (each for each in chosen if each.part == part):
            y = _add_group(items, group, images, y)
        y = _add_classes(items, change, names, y) + TEXT
    return Sheet(title, _WIDTH, y + _MARGIN, tuple(items))


def _legend(y: int) -> Iterator[Item]:
    """Which colour is which side."""
    for x, text, colour in (
        (_MARGIN, "before", _BEFORE),
        (_MARGIN + _LABELS, "after", _AFTER),
    ):
        yield Box(x, y, TEXT, TEXT, colour)
        yield Words(x + 2 * TEXT, y, text, colour=_FAINT)


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
) -> int:
    """Rows of images with their captions; gives back where they end."""
    items.append(Words(_MARGIN, y, group.title, colour=_FAINT))
    y += TEXT + 8
    columns = (_WIDTH - 2 * _MARGIN) // _CELL
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
    items: list[Item], change: SplitChange, names: Sequence[str], y: int
) -> int:
    """A bar for before and one for after, class by class."""
    classes = _worth_showing(change.classes)
    most = max(max(each.before, each.after) for each in classes)
    room = _WIDTH - 2 * _MARGIN - _LABELS - _COUNTS
    for each in classes:
        name = names[each.label] if each.label < len(names) else ""
        label = _cut(f"{each.label} {name}".strip(), _NAME_LENGTH)
        told = str(each.after)
        if each.before != each.after:
            told = f"{each.before} → {told} ({each.after - each.before:+})"
        items += [
            Words(_MARGIN, y, label),
            *_bars(_MARGIN + _LABELS, y, each, most, room),
            Words(_WIDTH - _MARGIN, y, told, colour=_FAINT, anchor="right"),
        ]
        y += _ROW
    if len(classes) < len(change.classes):
        more = len(change.classes) - len(classes)
        items.append(Words(_MARGIN, y, f"{more} more classes", colour=_FAINT))
        y += _ROW
    return y


def _bars(x: int, y: int, each: ClassCount, most: int, room: int) -> Iterator[Box]:
    for top, count, colour in (
        (y, each.before, _BEFORE),
        (y + _BAR, each.after, _AFTER),
    ):
        yield Box(x, top, round(count * room / most), _BAR - 1, colour)


def _worth_showing(classes: Sequence[ClassCount]) -> list[ClassCount]:
    """Those that changed most, if there are too many; in the order of their labels."""
    ranked = sorted(classes, key=lambda each: -abs(each.after - each.before))
    return sorted(ranked[:_MOST_CLASSES], key=lambda each: each.label)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
