"""Which files of a commit count, and one digest over them. Pure."""

import re
from collections.abc import Iterable, Sequence

from mnist_operator.commits import File
from mnist_operator.runs import digest

__all__ = ["NOTHING", "fingerprint", "matches"]


def fingerprint(files: Iterable[File], globs: Sequence[str]) -> str:
    """One digest over path and content of the files that count.

    Equal digests mean equal files. Pachyderm may cut the same bytes in different
    ways, so different digests need not mean different files.
    """
    counted = [f for f in files if not globs or matches(f.path, globs)]
    return digest(sorted([each.path, each.hash] for each in counted))


def matches(path: str, globs: Sequence[str]) -> bool:
    """Whether a path is under one of the globs, which begin at the commit's root."""
    return any(_translate(glob).fullmatch(path.lstrip("/")) for glob in globs)


def _translate(glob: str) -> re.Pattern[str]:
    """`**` stands for any folders, `*` and `?` for what is within one.

    A glob that ends with a slash means everything in that folder.
    """
    whole = f"{glob}**" if glob.endswith("/") else glob
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\[!?+[^\]/]+\]|.", whole.lstrip("/"))
    return re.compile("".join(_PIECES.get(part) or _piece(part) for part in parts))


_PIECES = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _piece(part: str) -> str:
    """One character as it is, or any of those in brackets, of which / is none."""
    if len(part) == 1:
        return re.escape(part)
    negated, inside = part.startswith("[!"), part[1:-1].removeprefix("!")
    found = re.findall(r"(.)-(.)|(.)", inside)
    # A range that runs backwards holds nothing, as everywhere.
    ranges = (f"{re.escape(a or c)}-{re.escape(b or c)}" for a, b, c in found if a <= b)
    wanted = "".join(ranges)
    if negated:
        return f"[^/{wanted}]"
    return f"(?!/)[{wanted}]" if wanted else "(?!)"


NOTHING = fingerprint((), ())
"""The digest over no file at all."""
