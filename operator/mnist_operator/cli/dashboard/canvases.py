"""How every picture of the page begins: its size, its name, what it says. Pure."""

from html import escape

__all__ = ["opening"]


def opening(
    name: str, kind: str, *, size: tuple[int, int], role: str, title: str, words: str
) -> str:
    """The beginning of an SVG that a screen reader can tell.

    Args:
        name: That no other picture of the page has.
        kind: The classes by which the style sheet draws it.
        size: Width and height, in pixels of its own.
        role: `img`, or `group` where there are links in it.
        title: What it is.
        words: What can be seen in it.
    """
    width, height = size
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="{role}"'
        f' aria-labelledby="{name}-title {name}-words">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-words">{escape(words)}</desc>'
    )
