"""The fenced blocks of all pages, and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "PAGES",
    "ROOT",
    "Block",
    "commands",
    "masked",
    "read_blocks",
    "simple",
    "transcript",
]

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "deploy" / "helm" / "mnist-operator" / "README.md",
    ROOT / "tests" / "contract" / "pfs" / "README.md",
    ROOT / "tests" / "node" / "README.md",
)
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"(^|\s)#\s.*$")
_ASSIGNMENT = re.compile(r"\w+=")
_OTHER_EACH_TIME = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"[\w+/]{43}="), "KEY"),
    (re.compile(r"\b[0-9a-f]{8,64}\b"), "ID"),
)
_ENDS = {"|", "||", "&&", ";", "&"}


@dataclass(frozen=True)
class Block:
    """One block, with the page that it is on and the line that it begins on."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Where it is, as an editor opens it."""
        return f"{self.page}:{self.line}"

    @property
    def beginning(self) -> str:
        """Its page and its first line, by which the registry knows it."""
        return f"{self.page}: {self.text.splitlines()[0].removeprefix('$ ')}"


def read_blocks(*languages: str) -> list[Block]:
    """All blocks, or those in these languages."""
    return [
        block
        for path in PAGES
        for block in _of(path)
        if not languages or block.language in languages
    ]


def _of(path: Path) -> Iterator[Block]:
    text = path.read_text()
    page = path.relative_to(ROOT).as_posix()
    for found in _FENCE.finditer(text):
        line = text[: found.start()].count("\n") + 1
        yield Block(page, line, found[2], found[3])


def commands(block: Block) -> list[str]:
    """Its lines that a shell would run, each on one line.

    In `console` they follow a `$`, and what is printed does not; in `sh` all do.
    """
    joined = re.sub(r" *\\\n *", " ", block.text)
    joined = re.sub(r"\|\n +", "| ", joined)
    lines = joined.splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in (_COMMENT.sub("", line) for line in lines) if line.strip()]


def transcript(block: Block) -> list[tuple[str, str]]:
    """Each command of a `console` block, with what it prints."""
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def masked(text: str) -> str:
    """A text without what is another each time: IDs and digests, keys and times."""
    for pattern, word in _OTHER_EACH_TIME:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def simple(line: str) -> list[list[str]]:
    """The words of each simple command of a line: no assignments, nowhere to write."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: list[list[str]] = [[]]
    words = iter(lexer)
    for word in words:
        if word in _ENDS:
            found.append([])
        elif word in {">", "<"}:
            next(words)
        elif found[-1] or not _ASSIGNMENT.match(word):
            found[-1].append(word)
    return [each for each in found if each]
