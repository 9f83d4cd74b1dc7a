"""runs: every attempt that was made.

``answer`` asks; ``attempts`` is what the answer is (pure).
"""

__all__: list[str] = []
