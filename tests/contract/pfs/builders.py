"""Short ways to write down files and changes."""

from local_cluster.pachd.records import Change, Part, Tree

__all__ = ["a_change", "a_tree"]


def a_change(text: str, *, replace: bool = False) -> Change:
    """Return a change that writes one part, named by its own text."""
    return Change(replace=replace, content=(Part(text, len(text)),))


def a_tree(*files: str) -> Tree:
    """Return files written as "path: part part"."""
    tree = {}
    for file in filter(None, files):
        path, _, parts = file.partition(": ")
        tree[path] = tuple(Part(text, len(text)) for text in parts.split())
    return tree
