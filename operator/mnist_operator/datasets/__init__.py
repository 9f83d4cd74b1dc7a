"""Data sets of labelled images: what is in one, and what changed between two. Pure.

Reading order: ``headers`` and ``archives`` read NumPy's files without NumPy and
without trust, ``pairs`` says which arrays belong together, ``pixels`` and ``samples``
turn them into images and labels, ``surveys`` keeps a digest of each, ``comparison``
makes ``changes`` of two of these, ``files`` compares files. ``groups`` chooses samples
to be looked at, ``picking`` goes back for their images, ``layout`` makes a sheet of
them (``sheets``), and ``svg`` or ``png`` (with ``canvas`` and ``font``) draws that.

What is read is what the trainer reads (docs/data.md). It is somewhat less strict, so
that commits which the trainer refuses can be compared too. No code is shared with it.
"""

__all__: list[str] = []
