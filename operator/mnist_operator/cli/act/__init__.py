"""retrain, release, suspend, resume: what a user asks the operator to do, by a change.

``answer`` makes the change, ``holds`` that about what is held; ``commits`` is which
commit is meant, ``outcomes`` what came of it (pure).
"""

__all__: list[str] = []
