"""For reading about a run in a browser: one file, which needs nothing beside it.

No script, nothing fetched, pictures inside; and every word that came from outside, such
as the name of a class, is escaped.
"""

import base64
import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Figure", "compose_page"]

_MOST_CLASSES: Final = 100
"""Rows of the table of classes; of more, those that the model knows least."""

_SHARES: Final = ("precision", "recall", "f1")
_UNKNOWN: Final = "-"

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #222; --faint: #666; --line: #ddd;
  --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --faint: #aaa; --line: #444; --paper: #1b1b1b; } }
body { color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
figure { margin: 1.5rem 0; }
figcaption, caption { color: var(--faint); text-align: left; }
img { max-width: 100%; background: #fff; border-radius: 4px; }
table { border-collapse: collapse; overflow-wrap: anywhere; }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
"""

_HEAD: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training report</title>
<style>{style}</style>
</head>
<body>
<h1>Training report</h1>
"""

_FOOT: Final = "</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with a heading and what to see in it, which is also its text."""

    heading: str
    caption: str
    png: bytes


def compose_page(
    metrics: Mapping[str, Any],
    *,
    figures: Sequence[Figure],
    sections: Mapping[str, Mapping[str, Any]],
) -> bytes:
    """Compose the page, as UTF-8.

    Args:
        metrics: as in ``metrics.json``.
        figures: in the order in which they are shown.
        sections: facts by heading, each a tree of mappings, sequences and values;
            those without any fact are left out.

    """
    notes = metrics.get("data", {}).get("notes", ())
    parts = [
        _HEAD.format(style=_STYLE),
        _summarise(metrics),
        *(f"<p>Note: {html.escape(note)}.</p>\n" for note in notes),
        *map(_show_figure, figures),
        _list_classes(metrics["perClass"]),
        _list_pairs(metrics["mostConfused"]),
        *(_list_facts(title, facts) for title, facts in sections.items() if facts),
        _FOOT,
    ]
    # Half of a surrogate pair is a name that numpy lets pass and UTF-8 does not.
    return "".join(parts).encode("utf-8", "replace")


def _summarise(metrics: Mapping[str, Any]) -> str:
    between, images = metrics["accuracyInterval"], metrics["images"]
    facts = {
        "Accuracy": f"{metrics['accuracy']:.2%} of {images['test']} test images",
        "95 % confidence interval": f"{between['low']:.2%} to {between['high']:.2%}",
        "Balanced accuracy": f"{metrics['balancedAccuracy']:.2%}",
        "Macro F1": f"{metrics['macroF1']:.4f}",
        "Loss (cross-entropy)": f"{metrics['loss']:.4f}",
        "Expected calibration error": f"{metrics['expectedCalibrationError']:.4f}",
        "Training images": str(images["train"]),
        "Model": f"{metrics['modelParameters']} parameters",
    }
    return _table("", (), [(_cell(key, "th"), _cell(facts[key])) for key in facts])


def _show_figure(figure: Figure) -> str:
    data = base64.b64encode(figure.png).decode()
    caption = html.escape(figure.caption)
    return (
        f"<h2>{html.escape(figure.heading)}</h2>\n<figure>\n"
        f'<img src="data:image/png;base64,{data}" alt="{caption}">\n'
        f"<figcaption>{caption}</figcaption>\n</figure>\n"
    )


def _list_classes(classes: Sequence[Mapping[str, Any]]) -> str:
    shown, caption = classes, ""
    if len(classes) > _MOST_CLASSES:
        shown = sorted(classes, key=_knowledge)[:_MOST_CLASSES]
        caption = f"The {_MOST_CLASSES} of {len(classes)} classes with the lowest F1."
    rows = [
        (
            _cell(one["name"], "th"),
            *(_cell(_round(one[key]), "number") for key in _SHARES),
            _cell(one["support"]),
        )
        for one in shown
    ]
    heads = ("Class", "Precision", "Recall", "F1", "Test images")
    return f"<h2>Classes</h2>\n{_table(caption, heads, rows)}"


def _knowledge(one: Mapping[str, Any]) -> float:
    return 1.0 if one["f1"] is None else float(one["f1"])


def _list_pairs(pairs: Sequence[Mapping[str, Any]]) -> str:
    if not pairs:
        return ""
    rows = [
        (_cell(pair["true"]), _cell(pair["predicted"]), _cell(pair["count"]))
        for pair in pairs
    ]
    heads = ("It is", "The model says", "Test images")
    return f"<h2>Most confused</h2>\n{_table('', heads, rows)}"


def _list_facts(title: str, facts: Mapping[str, Any]) -> str:
    rows = [(_cell(key, "th"), _cell(value)) for key, value in _flatten(facts)]
    return f"<h2>{html.escape(title)}</h2>\n{_table('', (), rows)}"


def _flatten(facts: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Turn a tree into lines such as ``input.0.path``; short lists stay on one."""
    if isinstance(facts, Mapping):
        pairs = [(str(key), value) for key, value in facts.items()]
    elif isinstance(facts, list | tuple) and any(map(_is_tree, facts)):
        pairs = [(str(number), value) for number, value in enumerate(facts)]
    else:
        shown = facts
        if isinstance(facts, list | tuple):
            shown = ", ".join(map(str, facts))
        yield at, shown
        return
    for key, value in pairs:
        yield from _flatten(value, f"{at}.{key}" if at else key)


def _is_tree(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["<table>\n"]
    if caption:
        lines.append(f"<caption>{html.escape(caption)}</caption>\n")
    if heads:
        named = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
        lines.append(f"<thead><tr>{named}</tr></thead>\n")
    lines.append("<tbody>\n")
    lines.extend(f"<tr>{''.join(row)}</tr>\n" for row in rows)
    lines.append("</tbody>\n</table>\n")
    return "".join(lines)


def _cell(value: Any, kind: str = "td") -> str:
    text = _UNKNOWN if value is None else html.escape(str(value))
    if kind == "th":
        return f'<th scope="row">{text}</th>'
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number or kind == "number":
        return f'<td class="number">{text}</td>'
    return f"<td>{text}</td>"


def _round(share: float | None) -> Any:
    return None if share is None else f"{share:.4f}"
