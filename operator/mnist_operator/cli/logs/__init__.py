"""logs: what a run said, from its pod or from the run repo.

``answer`` asks both; ``runs`` is which run is meant (pure), ``lookup`` finds it.
"""

__all__: list[str] = []
