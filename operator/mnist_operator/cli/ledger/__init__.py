"""ledger: shown, or made anew from the output commits and the runs.

``rebuild`` and ``ends`` make the lines (pure), ``report`` says what would change;
``walks`` reads, ``writing`` writes, ``answer`` puts it together.
"""

__all__: list[str] = []
