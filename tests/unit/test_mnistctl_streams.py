"""Answers that are written while they are found: the same as if all were there."""

import json

import pytest
import yaml
from rich.text import Text

from mnist_operator.cli.screen import serialize
from mnist_operator.cli.streams import Listing, Told, pour

HEAD = {"kind": "test", "version": 1, "start": {"asked": "Latest", "ü": None}}
ITEMS = [{"n": 1, "in": {"a": [1, 2], "b": []}}, {"n": 2, "text": "a\nb: c"}]
TAIL = {"total": 2, "notes": []}
TOLD = Told(
    lambda head: [Text("head")],
    lambda item: [Text(f"item {item['n']}"), Text("  more")],
    lambda tail: [Text(f"total {tail['total']}")],
)


async def stream(items):
    for each in items:
        yield each


async def written(capfd, kind, items):
    await pour(Listing(HEAD, "items", stream(items), lambda: TAIL), kind, TOLD)
    return capfd.readouterr().out


@pytest.mark.parametrize("items", [[], ITEMS[:1], ITEMS], ids=len)
@pytest.mark.parametrize("kind", ["json", "yaml"])
async def test_for_programs_it_is_the_same_to_the_byte(capfd, kind, items):
    whole = {**HEAD, "items": items, **TAIL}

    out = await written(capfd, kind, items)

    assert serialize(whole, kind) + "\n" == out
    assert whole == (json.loads(out) if kind == "json" else yaml.safe_load(out))


async def test_for_people_every_item_has_its_lines(capfd):
    out = await written(capfd, None, ITEMS)

    assert "head\nitem 1\n  more\nitem 2\n  more\ntotal 2\n" == out


async def test_an_error_on_the_way_is_not_swallowed(capfd):
    async def broken():
        yield ITEMS[0]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await pour(Listing(HEAD, "items", broken(), lambda: TAIL), None, TOLD)
    assert "head\nitem 1\n  more\n" == capfd.readouterr().out
