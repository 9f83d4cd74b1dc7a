"""mnistctl watch: what happens, as it happens.

`changes` asks, `news` finds what happened, `progress` tells how far runs are, and
`tellers` has the three ways to tell it: lines, JSON, and a screen that moves.
"""

__all__: list[str] = []
