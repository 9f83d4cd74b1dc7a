"""Every page at three sizes, light and dark: nothing hidden, nothing for axe to say."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

EVERY = (360, 768, 1280)
ENDS = (360, 1280)


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
        ("data", "dark", ENDS),
        ("missing", "light", ENDS),
    ],
)
def test_a_page_is_whole_at_every_size(open_page, paths, name, scheme, widths):
    page = open_page(paths[name], scheme=scheme)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})

        assert width >= page.evaluate("document.documentElement.scrollWidth")
        assert [] == _violations(page), (name, scheme, width)
        _draw(page, f"{name}-{width}-{scheme}")
