"""Pictures of what changed: valid, the same bytes each time, with what matters in them.

A PNG is taken apart chunk by chunk, an SVG by a parser of XML.
"""

import base64
import io
import struct
import zlib
from xml.etree import ElementTree as ET

import pytest

from mnist_operator.datasets import png, svg
from mnist_operator.datasets.canvas import paint
from mnist_operator.datasets.comparison import compare
from mnist_operator.datasets.font import glyph
from mnist_operator.datasets.groups import choose
from mnist_operator.datasets.layout import lay_out
from mnist_operator.datasets.picking import Image, pick
from mnist_operator.datasets.sheets import Box, Photo, Sheet, Words
from mnist_operator.datasets.surveys import survey
from unit.data_archives import dataset, npy, npz

SVG = "{http://www.w3.org/2000/svg}"


def _read_png(content):
    """Width, height, channels and rows of a PNG file, every checksum checked."""
    assert b"\x89PNG\r\n\x1a\n" == content[:8]
    chunks, at = [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        assert zlib.crc32(kind + body) == checksum
        chunks.append((kind, body))
        at += 12 + length
    assert [b"IHDR", b"IDAT", b"IEND"] == [kind for kind, _ in chunks]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (8, [0, 0, 0]) == (depth, rest)
    channels = {0: 1, 2: 3}[colour]
    raw, row = zlib.decompress(chunks[1][1]), width * channels + 1
    assert row * height == len(raw)
    rows = [raw[at : at + row] for at in range(0, len(raw), row)]
    assert all(each[0] == 0 for each in rows)
    return width, height, channels, [each[1:] for each in rows]


BEFORE = [(n, n % 3) for n in range(30)]
AFTER = [(0, 2), *BEFORE[1:25], (0, 2), (50, 1), (50, 12)]


def _pick(side, files):
    return {
        (side, part, n): image
        for part, count in (("train", 30), ("test", 3))
        for n, image in pick(files, part, range(count), (2, 2, 1), io.BytesIO).items()
    }


def _sheet(*, names=None, limit=24, narrow=False):
    old = dataset(BEFORE, BEFORE[:3])
    new = dataset(AFTER, BEFORE[:3], names=names)
    found = compare(
        survey("/a.npz", old, io.BytesIO), survey("/a.npz", new, io.BytesIO)
    )
    images = _pick("before", old) | _pick("after", new)
    return lay_out("old → new", found, choose(found, limit), images, narrow=narrow)


def test_a_png_is_whole_and_the_same_each_time():
    sheet = _sheet()
    content = png.render(sheet)

    width, height, channels, rows = _read_png(content)

    assert (sheet.width, sheet.height, 3) == (width, height, channels)
    assert content == png.render(_sheet())
    assert 10 < len(set(rows))


def test_an_svg_is_whole_and_the_same_each_time():
    sheet = _sheet()
    content = svg.render(sheet)

    root = ET.fromstring(content)  # noqa: S314 - it is our own

    assert f"{SVG}svg" == root.tag
    assert str(sheet.width) == root.get("width")
    assert content == svg.render(_sheet())
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert "old → new" == texts[0] == root.find(f"{SVG}title").text
    assert "relabelled: 1" in texts
    assert "0→2" in texts
    assert "added: 3" in texts
    assert "removed: 5" in texts
    assert "contradictory: 1" in texts
    assert "1/12" in texts
    assert "10 → 9 (-1)" in texts
    assert "test: 3, the same ones" in texts


def test_a_narrow_picture_says_the_same_in_more_lines():
    wide, narrow = _sheet(), _sheet(narrow=True)

    said = [
        [each.text for each in sheet.items if isinstance(each, Words)]
        for sheet in (wide, narrow)
    ]
    ends = [each.x + each.width for each in narrow.items if isinstance(each, Box)]
    assert " ".join(said[0]) == " ".join(said[1])
    assert len(said[0]) < len(said[1])
    assert 400 == narrow.width < wide.width
    assert wide.height < narrow.height
    assert 400 > max(ends)


def test_an_svg_is_dark_where_its_reader_wants_that():
    root = ET.fromstring(svg.render(_sheet()))  # noqa: S314 - it is our own

    (style,) = (each.text for each in root.iter(f"{SVG}style"))
    filled = [each for each in root.iter() if each.get("fill")]

    assert style.startswith("@media (prefers-color-scheme:dark){")
    assert all(f".{each.get('class')}{{fill:#" in style for each in filled)


def test_a_colour_of_its_own_is_the_same_in_the_dark():
    drawn = svg.render(Sheet("", 10, 10, (Box(0, 0, 1, 1, (1, 2, 3)),)))

    assert 'fill="#010203"/>' in drawn


def test_the_images_in_an_svg_are_png_files():
    root = ET.fromstring(svg.render(_sheet()))  # noqa: S314 - it is our own

    images = [each.get("href") for each in root.iter(f"{SVG}image")]

    assert 10 == len(images)
    for each in images:
        kind, _, data = each.partition(",")
        assert "data:image/png;base64" == kind
        assert (2, 2, 1) == _read_png(base64.b64decode(data))[:3]


def test_what_is_too_much_is_counted():
    root = ET.fromstring(svg.render(_sheet(limit=2)))  # noqa: S314

    texts = [each.text for each in root.iter(f"{SVG}text")]

    assert "removed: 5, the first 2" in texts
    assert 6 == len(list(root.iter(f"{SVG}image")))


def test_classes_are_called_by_their_names():
    text = svg.render(_sheet(names=["<coat>", "a very long name of a class", "cat"]))

    assert "0 &lt;coat&gt;" in text
    assert "1 a very long…" in text
    assert "2 cat" in text


def test_of_many_classes_those_that_changed_most_are_shown():
    before = dataset([(n, n) for n in range(60)])
    after = dataset([(n, n) for n in range(59)])
    found = compare(*(survey("/a", each, io.BytesIO) for each in (before, after)))

    text = svg.render(lay_out("t", found, (), {}))

    assert "1 → 0 (-1)" in text
    assert "20 more classes" in text


def test_what_xml_cannot_write_is_left_out():
    root = ET.fromstring(  # noqa: S314 - it is our own
        svg.render(Sheet("a\0b\ud800", 10, 10, (Words(0, 0, "\x1b"),)))
    )

    assert "a?b?" == root.find(f"{SVG}title").text


# --- dot by dot -----------------------------------------------------------------------


def _dots(sheet):
    content = paint(sheet)
    row = sheet.width * 3
    return [
        "".join(
            "#" if content[y * row + x * 3] < 128 else "." for x in range(sheet.width)
        )
        for y in range(sheet.height)
    ]


def test_letters_are_drawn_dot_by_dot():
    drawn = _dots(Sheet("", 11, 7, (Words(0, 0, "i7", size=7),)))

    assert [
        "#####.#####",
        "..#.......#",
        "..#......#.",
        "..#.....#..",
        "..#....#...",
        "..#...#....",
        "#####.#....",
    ] == drawn


@pytest.mark.parametrize(
    ("anchor", "x", "row"),
    [
        ("left", 1, ".####......."),
        ("middle", 6, "....####...."),
        ("right", 12, ".......####."),
    ],
)
def test_texts_are_anchored(anchor, x, row):
    """By the upper edge of a D, which is four dots of five."""
    words = Words(x, 0, "D", size=7, anchor=anchor)

    assert row == _dots(Sheet("", 12, 7, (words,)))[0]


def test_an_unknown_letter_is_a_question_mark():
    assert glyph("?") == glyph("猫")
    assert glyph("a") == glyph("A") != glyph("B")


def test_boxes_are_cut_at_the_edge():
    box = Box(-1, -1, 3, 3, (0, 0, 0))
    far = Box(9, 9, 3, 3, (0, 0, 0))

    assert ["##..", "##..", "....", "...."] == _dots(Sheet("", 4, 4, (box, far)))


def test_photos_are_drawn_at_their_scale():
    image = Image(2, 1, 1, bytes([0, 255]))
    coloured = Image(1, 2, 3, bytes([0, 0, 0, 255, 255, 255]))

    drawn = _dots(Sheet("", 6, 4, (Photo(1, 1, 2, image), Photo(5, 0, 1, coloured))))

    assert [".....#", ".##...", ".##...", "......"] == drawn


# --- images go back to what is looked at ----------------------------------------------


def _picked(values, descr, shape):
    x = npy(values, descr, (1, *shape))
    file = npz(x_train=x, y_train=npy(b"\0", shape=(1,)))
    whole = survey("/a.npz", file, io.BytesIO).shape
    return pick(file, "train", [0], whole, io.BytesIO)[0]


def test_an_image_is_picked_as_it_was():
    assert Image(2, 1, 1, bytes([3, 250])) == _picked(bytes([3, 250]), "|u1", (1, 2))


def test_nothing_is_read_for_nothing():
    assert {} == pick(io.BytesIO(b"no archive"), "train", [], (1, 1, 1), io.BytesIO)


def test_images_that_were_divided_by_255_are_seen():
    values = struct.pack("<4f", 0.0, 0.5, 1.0, float("nan"))

    assert bytes([0, 128, 255, 0]) == _picked(values, "<f4", (2, 2)).content


def test_brightness_out_of_bounds_is_cut_off():
    values = struct.pack("<4f", -3.5, 0.5, 200.0, 1e9)

    assert bytes([0, 0, 200, 255]) == _picked(values, "<f4", (2, 2)).content


@pytest.mark.parametrize(
    ("channels", "kept"), [(1, [1]), (2, [1]), (3, [1, 2, 3]), (4, [1, 2, 3])]
)
def test_channels_are_one_or_three(channels, kept):
    image = _picked(bytes(range(1, channels + 1)), "|u1", (1, 1, channels))

    assert (len(kept), bytes(kept)) == (image.channels, image.content)


def test_large_images_are_thinned_out():
    values = bytes(x for _ in range(130) for x in range(200))

    image = _picked(values, "|u1", (130, 200))

    assert (50, 33) == (image.width, image.height)
    assert bytes(range(0, 200, 4)) == image.content[:50]
