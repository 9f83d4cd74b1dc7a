"""lineage --up and --down: what came from what.

``graph`` and ``claims`` are nodes, edges and who says so (pure), ``views`` and ``dot``
how they are told. ``question`` is what was asked; ``up`` and ``down`` ask for it, by
``index``, ``lookup``, ``records`` and ``roots``.
"""

__all__: list[str] = []
