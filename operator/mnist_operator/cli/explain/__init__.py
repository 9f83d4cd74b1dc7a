"""explain: why each commit was trained, waits, or was not.

``answer`` asks and tells, ``walks`` reads; ``explaining``, ``waits``, ``commit`` and
``lines`` are what the answer is (pure).
"""

__all__: list[str] = []
