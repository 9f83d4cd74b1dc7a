"""Train a digit classifier on one commit's images, and say exactly what was done.

Reading order: ``__main__`` (composition), ``run`` (the whole run on one page),
then one room each: ``config`` and ``parameters`` (what was asked), ``storage``,
``s3`` and ``folder`` (where files come from and go), ``npz`` and ``data`` (what may be
trained on), ``model``, ``schedule`` and ``train`` (the learning), ``report`` and
``publish`` (what is left behind), ``errors`` and ``farewell`` (how a run ends).
"""

__all__: list[str] = []
