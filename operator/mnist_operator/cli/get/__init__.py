"""get and watch: how MnistTrainings stand, and what happens to one.

``trainings`` asks; ``stories``, ``remedies``, ``heartbeats`` and ``happenings`` are
what the answer is (pure).
"""

__all__: list[str] = []
