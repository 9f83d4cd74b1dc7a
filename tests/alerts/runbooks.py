"""docs/runbooks.md, taken apart."""

import re

from alerts.rulebook import ROOT

__all__ = ["PAGE", "SECTIONS", "explained"]

PAGE = (ROOT / "docs" / "runbooks.md").read_text()
SECTIONS = {
    part.partition("\n")[0]: part
    for part in re.split("^## ", PAGE, flags=re.MULTILINE)[1:]
}


def explained(section: str = PAGE) -> set[str]:
    """The reasons that a table explains, in its first column."""
    rows = re.findall(r"^\| (`[^|]+`) \| (.+) \|$", section, re.MULTILINE)
    return {word for first, rest in rows for word in re.findall(r"`(\w+)`", first)}
