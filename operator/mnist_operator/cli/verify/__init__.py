"""verify: can a record be believed, and can its model be made again?

``answer`` asks; ``reading``, ``stranger_files`` and ``walk`` read, ``checks``, ``run``,
``gate_words``, ``contents``, ``promotion`` and ``verification`` decide, ``report``,
``strangers`` and ``screen`` tell (pure).
"""

__all__: list[str] = []
