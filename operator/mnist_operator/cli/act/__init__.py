"""retrain, suspend, resume: what a user asks the operator to do, by a change.

``answer`` makes the change; ``commits`` is which commit is meant, ``outcomes`` what
came of it (pure).
"""

__all__: list[str] = []
