"""How the pages of this repository become the site: where they stand, as they are.

The site has the folders of the repository, so each relative link between two pages
holds on the site as it does on a code host, and nothing is copied or rewritten. What
is for one of the two readers alone is taken care of here: the comments that name
tests, and pictures, which are made by tests and never committed.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

__all__ = ["on_config", "on_files", "on_page_content", "on_page_markdown"]

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / ".local" / "pictures"
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "docs/*.md",
    "docs/*.json",
    "docs/*.svg",
    "docs/mnistctl/*.md",
    "deploy/helm/mnist-operator/README.md",
    "tests/node/README.md",
)
_PICTURE = re.compile(r"^<!-- picture: ([a-z-]+)-(\d+): (.+?) -->$", re.MULTILINE)
_COMMENT = re.compile(r" *<!-- (?:test|refused): .+? -->")
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_CODE_IN_CELL = re.compile(r"<td[^>]*>.*?</td>", re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make anchors as a code host does, so that a link holds in both places."""
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, and the pictures that there are."""
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    for path in sorted(PICTURES.glob("*.png")):
        name = f"pictures/{path.name}"
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Show the pictures that there are, and leave out what names tests."""
    up = "../" * page.file.src_uri.count("/")
    there = {file.src_uri for file in files}

    def draw(found: re.Match[str]) -> str:
        name, width, words = found.groups()
        drawn = [
            f"![{words}]({up}{picture}#only-{scheme})"
            for scheme in ("light", "dark")
            if (picture := f"pictures/{name}-{width}-{scheme}.png") in there
        ]
        if len(drawn) == 1:
            drawn = [re.sub(r"#only-\w+", "", drawn[0])]
        return "\n".join(drawn)

    return _indented(_COMMENT.sub("", _PICTURE.sub(draw, markdown)))


def _indented(markdown: str) -> str:
    """Lists in lists, which take four spaces here and two on a code host."""
    parts = _FENCE.split(markdown)
    return "".join(
        part
        if part.startswith("```")
        else re.sub(r"^  - ", "    - ", part, flags=re.MULTILINE)
        for part in parts
    )


def on_page_content(html: str, **_: object) -> str:
    r"""Write | in a table's code, where a code host needs \| in the source."""
    return _CODE_IN_CELL.sub(lambda cell: cell[0].replace(r"\|", "|"), html)
