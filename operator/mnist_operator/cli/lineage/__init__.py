"""lineage: what made a model.

``answer`` asks; ``reports`` and ``folder_reports`` are the answer as one object,
``screen_lines`` as people read it (pure). With --up or --down: `cli.graph`.
"""

__all__: list[str] = []
