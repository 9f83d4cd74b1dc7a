"""The answer of `mnistctl diff` for people. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from mnist_operator.cli.screen import facts, line, table, title
from mnist_operator.datasets.picking import Image

__all__ = ["diff_lines", "image_lines"]

_FILES_SHOWN = 20
_RELABELLINGS_SHOWN = 6
_CLASSES_SHOWN = 20
_BAR = 30
_EIGHTHS = " ▏▎▍▌▋▊▉"
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄"}
_WIDTH = 78
_SAME = ", the same ones"


def diff_lines(report: Mapping[str, Any]) -> list[Text]:
    """Files first, then what became of the samples, split by split."""
    before, after, samples = report["before"], report["after"], report["samples"]
    lines = [
        title("The data", "are the same" if report["same"] else "differ"),
        *facts(("before", _state(before)), ("after", _state(after))),
        title("Files"),
        *_files(report["files"]),
    ]
    if samples is None:
        lines.append(line(f"No samples were compared: {report['reason']}"))
    else:
        for part, split in samples["splits"].items():
            lines += _split(part, split)
        lines += _across(samples)
    return [*lines, *(line(f"Note: {note}", "yellow") for note in report["notes"])]


def _state(state: Mapping[str, Any]) -> str:
    model = f", the data of model {state['model']}" if state["model"] else ""
    finished = f", finished {state['finished']}" if state["finished"] else ""
    return f"{state['name']}{finished}{model}"


def _files(files: Mapping[str, Any]) -> list[Text]:
    rows = [
        (kind, _file(each))
        for kind in ("added", "removed", "changed")
        for each in files[kind]
    ]
    more = len(rows) - _FILES_SHOWN
    rest = [("", f"and {more} more, see -o json")] if more > 0 else []
    same = [("unchanged", str(files["unchanged"]))] if files["unchanged"] else []
    return facts(*rows[:_FILES_SHOWN], *rest, *same)


def _file(change: Mapping[str, Any]) -> str:
    sizes = [each["size"] for each in (change["before"], change["after"]) if each]
    told = " → ".join(map(str, dict.fromkeys(sizes)))
    return f"{change['path']} ({told} bytes)"


def _split(part: str, split: Mapping[str, Any]) -> list[Text]:
    if not split["classes"]:
        return []
    same = split["kept"] == split["before"] == split["after"]
    return [
        title(f"{part.capitalize()}: {_change(split)} samples{_SAME if same else ''}"),
        *facts(
            ("kept", None if same else split["kept"]),
            ("added", split["added"] or None),
            ("removed", split["removed"] or None),
            ("relabelled", _relabelled(split)),
            ("duplicates", _worth(split["duplicated"])),
            ("conflicting", _worth(split["contradictory"])),
            ("class shift", None if same else f"{split['classShift']:.4f}"),
        ),
        *([] if same else _classes(split["classes"])),
    ]


def _change(pair: Mapping[str, Any]) -> str:
    before, after = pair["before"], pair["after"]
    return str(after) if before == after else f"{before} → {after}"


def _worth(pair: Mapping[str, int]) -> str | None:
    """Nothing where there was none and is none."""
    return _change(pair) if any(pair.values()) else None


def _relabelled(split: Mapping[str, Any]) -> str | None:
    if not split["relabelled"]:
        return None
    each = [f"{r['from']} → {r['to']} ({r['count']})" for r in split["relabellings"]]
    more = ", …" if len(each) > _RELABELLINGS_SHOWN else ""
    return f"{split['relabelled']}: {', '.join(each[:_RELABELLINGS_SHOWN])}{more}"


def _classes(classes: Sequence[Mapping[str, Any]]) -> Iterator[Text]:
    """A row for each class, those that changed most if there are many."""
    most = max(max(each["before"], each["after"]) for each in classes)
    ranked = sorted(classes, key=lambda each: -abs(each["change"]))[:_CLASSES_SHOWN]
    shown = sorted(ranked, key=lambda each: int(each["class"]))
    rows = [
        (
            f"  {each['class']}",
            each["name"] or "",
            str(each["before"]),
            str(each["after"]),
            f"{each['change']:+}" if each["change"] else "",
            _bar(each["after"], most),
        )
        for each in shown
    ]
    header, *body = table(("  CLASS", "NAME", "BEFORE", "AFTER", "CHANGE", ""), rows)
    yield line(header, "bold")
    for each, row in zip(shown, body, strict=True):
        yield line(row, "yellow" if each["change"] else "")
    if len(shown) < len(classes):
        more = len(classes) - len(shown)
        yield line(f"  and {more} more classes, see -o json", "dim")


def _bar(count: int, most: int) -> str:
    whole, rest = divmod(count * _BAR * 8 // most, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _across(samples: Mapping[str, Any]) -> list[Text]:
    moved = samples["moved"]
    found = facts(
        ("leaked", _worth(samples["leaked"])),
        ("to test", moved["trainToTest"] or None),
        ("to train", moved["testToTrain"] or None),
    )
    return [title("From train to test and back"), *found] if found else []


def image_lines(heading: str, images: Sequence[tuple[str, Image]]) -> list[Text]:
    """Draw images beside each other in half blocks, each with its caption below."""
    lines = [title(heading)]
    wide = max(image.width for _, image in images) + 2
    row = max(_WIDTH // wide, 1)
    for at in range(0, len(images), row):
        some = images[at : at + row]
        drawn = zip(*(_draw(image) for _, image in some), strict=True)
        lines += [line(_beside(parts, wide)) for parts in drawn]
        lines.append(line(_beside([caption for caption, _ in some], wide), "dim"))
    return lines


def _beside(parts: Iterable[str], wide: int) -> str:
    return "".join(part.ljust(wide) for part in parts).rstrip()


def _draw(image: Image) -> list[str]:
    """Two rows of pixels in each line; a pixel is drawn if it is brighter than half."""
    bright = [
        [_is_bright(image, x, y) for x in range(image.width)]
        for y in range(image.height + image.height % 2)
    ]
    return [
        "".join(_BLOCKS.get(pair, "█") for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(bright[::2], bright[1::2], strict=True)
    ]


def _is_bright(image: Image, x: int, y: int) -> bool:
    at = (y * image.width + x) * image.channels
    values = image.content[at : at + image.channels]
    return 2 * sum(values) > 255 * image.channels
