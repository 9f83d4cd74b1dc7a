"""history: what became of every commit, and what changed from model to model.

``answer`` asks and tells while it reads, ``walks`` reads; ``histories``, ``lines`` and
``contrasts`` (two records side by side) are what the answer is (pure).
"""

__all__: list[str] = []
