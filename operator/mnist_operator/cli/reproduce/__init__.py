"""reproduce: a model made again by its record, and the two compared.

``recipes`` is what has to be run and ``run`` the commit and TFJob for it,
``comparison`` and ``report`` what came of it (pure); ``answer``, ``running`` and
``records`` act.
"""

__all__: list[str] = []
