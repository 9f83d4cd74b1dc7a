"""diff: what changed between two states of the data.

``answers`` asks; ``places`` is what was named, ``reports`` and ``lines`` what the
answer is (pure). What is compared, and how, is `mnist_operator.datasets`.
"""

__all__: list[str] = []
