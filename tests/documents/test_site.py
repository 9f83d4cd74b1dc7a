"""The site that `make docs` builds: whole, and all its own."""

import json
import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from documents.blocks import ROOT

MKDOCS = ROOT / ".venv" / "docs" / "bin" / "mkdocs"
LOADED = {
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
}
"""Elements that a browser loads something for, by the attribute that says what."""


def _build(folder, root=ROOT):
    return subprocess.run(
        [
            *(str(MKDOCS), "build", "--strict", "--site-dir", str(folder)),
            *("--config-file", str(root / "docs" / "site" / "mkdocs.yml")),
        ],
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


class _Page(HTMLParser):
    """What a page loads, and the words of its tabs."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.tabs, self._in_tab = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        self._in_tab = self._in_tab or "md-tabs__link" in (of.get("class") or "")
        self.loads.append(of.get(LOADED.get(tag, ""), "") or "")

    def handle_endtag(self, tag):
        self._in_tab = self._in_tab and tag != "a"

    def handle_data(self, data):
        if self._in_tab and data.strip():
            self.tabs.append(data.strip())


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = _build(folder)
    assert 0 == done.returncode, done.stderr
    return folder


@pytest.fixture(name="pages", scope="module")
def _pages(site):
    return {path: _Page(path.read_text()) for path in site.rglob("*.html")}


def test_every_page_of_the_documentation_is_on_it(site):
    written = {path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md")}

    missing = [
        each for each in written if not (site / each.with_suffix(".html")).exists()
    ]

    assert [] == missing


def test_no_page_loads_anything_from_elsewhere(pages):
    elsewhere = {
        (path.name, each)
        for path, page in pages.items()
        for each in page.loads
        if "//" in each
    }

    assert set() == elsewhere


def test_no_style_loads_anything_from_elsewhere(site):
    styles = [path.read_text() for path in site.rglob("*.css")]

    assert styles
    assert not [each for each in styles if "url(http" in each or "url(//" in each]


def test_all_that_a_page_loads_is_there(pages):
    missing = [
        (path.name, each)
        for path, page in pages.items()
        if path.name != "404.html"
        for each in page.loads
        if each
        and not (path.parent / each.partition("?")[0].partition("#")[0]).exists()
    ]

    assert [] == missing


def test_it_has_four_parts(pages):
    [start] = [page for path, page in pages.items() if path.name == "index.html"][:1]

    assert ["Start", "Use", "Operate", "Develop"] == start.tabs


def test_the_search_knows_every_page(site):
    index = json.loads((site / "search" / "search_index.json").read_text())
    found = {each["location"].partition("#")[0] for each in index["docs"]}

    assert "docs/security.html" in found
    assert len(list((site / "docs").rglob("*.html"))) <= len(found)


def test_comments_for_tests_are_not_on_it(site):
    told = [path.read_text() for path in site.rglob("*.html")]

    assert not [each for each in told if "<!-- test:" in each or "<!-- pict" in each]


def test_links_that_lead_nowhere_end_the_build(tmp_path):
    _copy(tmp_path)
    links = ["installation.md#no-such-heading", "no-such-page.md", "#nor-such-heading"]
    with (tmp_path / "docs" / "images.md").open("a") as page:
        page.write("".join(f"\n[somewhere]({link})\n" for link in links))

    done = _build(tmp_path / "site", tmp_path)

    assert 0 != done.returncode
    assert [] == [link for link in links if f"'{link}'" not in done.stderr]


def test_pictures_that_the_tests_drew_are_on_their_pages(tmp_path):
    _copy(tmp_path)
    drawn = tmp_path / ".local" / "pictures"
    drawn.mkdir(parents=True)
    names = [f"training-1440-{scheme}.png" for scheme in ("light", "dark")]
    for name in names:
        (drawn / name).write_bytes(b"drawn")

    done = _build(tmp_path / "site", tmp_path)

    page = (tmp_path / "site" / "docs" / "dashboard.html").read_text()
    assert 0 == done.returncode, done.stderr
    assert [] == [name for name in names if f"pictures/{name}" not in page]
    assert 2 == len(list((tmp_path / "site" / "pictures").glob("*.png")))


def _copy(folder: Path) -> None:
    """What the site is made of."""
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    for name in ("deploy/helm/mnist-operator", "tests/node"):
        (folder / name).mkdir(parents=True)
        shutil.copy(ROOT / name / "README.md", folder / name)
