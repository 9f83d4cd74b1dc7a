"""The HTML: templates, and what they may call. All that they show is escaped."""

import hashlib
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mnist_operator.cli.dashboard import words
from mnist_operator.cli.dashboard.advice import Advice
from mnist_operator.cli.references import is_prefix, is_whole

__all__ = ["Asset", "Pages", "read_assets"]

_FOLDER = Path(__file__).parent
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_DIGITS = 12


class Asset:
    """A file that every page needs: the style sheet, the script, the icon."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.kind = _KINDS[path.suffix]
        self.version = hashlib.sha256(self.content).hexdigest()[:_DIGITS]


def read_assets() -> dict[str, Asset]:
    """All of them, by their names."""
    return {path.name: Asset(path) for path in sorted((_FOLDER / "static").iterdir())}


class Pages:
    """Renders pages below a base path."""

    def __init__(self, base: str, assets: dict[str, Asset], runbooks: str) -> None:
        self._base = base
        self._runbooks = runbooks
        self._assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "change": words.change,
            "clock": words.clock,
            "command": words.command,
            "percent": words.percent,
            "short": words.short,
            "shown": words.shown,
        }
        self._environment.globals |= {
            "asset": self._asset,
            "base": base,
            "held_link": self.held_link,
            "run_link": self.run_link,
            "runbook": self.runbook,
            "runbook_link": self.runbook_link,
            "training_link": self.training_link,
        }

    def render(self, name: str, *, now: datetime, **values: Any) -> str:
        """A whole page."""
        template = self._environment.get_template(name)
        ago = partial(words.ago, now=now)
        return template.render(ago=ago, now=now, **values)

    def training_link(self, key: str) -> str:
        """Where a training's page is."""
        return f"{self._base}/trainings/{key}"

    def run_link(self, key: str, run: Any) -> str:
        """Where a run's page is; empty for what is no run's name."""
        return self._link(key, "runs", run)

    def held_link(self, key: str, commit: Any) -> str:
        """Where is told what a commit is held for; empty for what is no commit."""
        return self._link(key, "held", commit)

    def _link(self, key: str, kind: str, name: Any) -> str:
        named = isinstance(name, str) and is_whole(name) and is_prefix(name)
        return f"{self.training_link(key)}/{kind}/{name.lower()}" if named else ""

    def runbook(self, advice: Advice) -> str:
        """The place in the runbooks that tells more."""
        return f"{self._runbooks}#{advice.anchor}"

    def runbook_link(self, advice: Advice) -> str:
        """The same as a link; empty where nobody said where they are read."""
        is_url = self._runbooks.startswith(("https://", "http://"))
        return self.runbook(advice) if is_url else ""

    def _asset(self, name: str) -> Markup:
        version = self._assets[name].version
        return Markup(f"{self._base}/static/{name}?v={version}")  # noqa: S704 (ours)
