"""Every page at three sizes, light and dark: nothing hidden, nothing for axe to say."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""
CUT_OFF = """
[...document.querySelectorAll('.scroll')]
  .filter((each) => each.querySelector('.stack') && each.scrollWidth > each.clientWidth)
  .map((each) => each.getAttribute('aria-labelledby'))
"""
"""The tables of which a part is out of sight: those of a training never are."""
BROKEN = """
[...document.querySelectorAll('code')].flatMap((code) => {
  const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode())
    for (const each of texts.currentNode.data.matchAll(/--[a-z-]+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, each.index);
      range.setEnd(texts.currentNode, each.index + each[0].length);
      if (range.getClientRects().length > 1) found.push(each[0]);
    }
  return found;
})
"""
"""Options of commands that go on in the next line."""
COVERED = """
[...document.querySelectorAll('#state .pill')].filter((pill) =>
  pill.getBoundingClientRect().bottom + 2 > summary.getBoundingClientRect().top).length
"""
"""States that touch the box below them."""
HALF_SEEN = """
[...document.querySelectorAll('.samples')].filter((each) =>
  each.parentElement.scrollWidth > each.parentElement.clientWidth).length
"""
"""Pictures of samples that must be moved to be seen."""
CHOSEN = """
(wide) => {
  const image = document.querySelector('.samples');
  return image.complete && wide === image.naturalWidth > 600;
}
"""
"""Whether the picture of samples is the one for this width; it comes a moment later."""
CORNER = """
() => {
  const canvas = document.createElement('canvas').getContext('2d');
  canvas.drawImage(document.querySelector('.samples'), 0, 0);
  return canvas.getImageData(2, 2, 1, 1).data[0];
}
"""
"""How red its paper is, 0..255."""
EVERY = (360, 800, 1440)
ENDS = (360, 1440)


def _violations(page):
    """What axe finds, each with where it is."""
    results = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        (each["id"], [node["target"] for node in each["nodes"]][:3])
        for each in results["violations"]
    ]


def _draw(page, name):
    """A picture for who wants some: PICTURES names the folder."""
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("name", "scheme", "widths"),
    [
        *((name, "light", EVERY) for name in ("trainings", "training", "run")),
        *((name, "dark", EVERY) for name in ("trainings", "training", "run")),
        ("long", "dark", ENDS),
        ("failed", "light", ENDS),
        ("gated", "light", ENDS),
        ("gated", "dark", ENDS),
        ("elsewhere", "dark", ENDS),
        ("data", "dark", ENDS),
        ("held", "light", EVERY),
        ("missing", "light", ENDS),
    ],
)
def test_a_page_is_whole_at_every_size(open_page, paths, name, scheme, widths):
    page = open_page(paths[name], scheme=scheme)
    if name == "run":  # What it comes to is a part of the page, and a moment later.
        expect(page.locator("#verdict")).to_contain_text("Checked ", timeout=PATIENCE)
    if name == "held":  # So are the figures.
        expect(page.locator("#difference")).to_contain_text("Relab", timeout=PATIENCE)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})

        assert width >= page.evaluate("document.documentElement.scrollWidth")
        assert [] == page.evaluate(CUT_OFF)
        assert [] == page.evaluate(BROKEN)
        assert 0 == page.evaluate(COVERED)
        assert 0 == page.evaluate(HALF_SEEN)
        assert [] == _violations(page), (name, scheme, width)
        _draw(page, f"{name}-{width}-{scheme}")


@pytest.mark.parametrize(
    "name", ["trainings", "training", "run", "gated", "held", "data"]
)
def test_headings_and_landmarks_lead_through_a_page(open_page, paths, name):
    page = open_page(paths[name])
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3')].map((each) => +each.tagName[1])"
    )

    assert (1, 1) == (levels[0], levels.count(1))
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "main", "footer", "nav"):
        assert 1 <= page.locator(landmark).count()
    assert "polite" == page.locator("#news").get_attribute("aria-live")


@pytest.mark.parametrize("width", ENDS)
def test_samples_are_as_dark_and_as_narrow_as_the_page(open_page, paths, width):
    shown = {}
    for scheme in ("light", "dark"):
        page = open_page(paths["data"], scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(CHOSEN, arg=width > 600, timeout=PATIENCE)
        shown[scheme] = page.evaluate(CORNER)

    assert 255 == shown["light"]
    assert 64 > shown["dark"]
