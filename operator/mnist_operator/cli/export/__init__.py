"""Other formats' words for what a model's record says: pure functions of it.

``facts`` takes the record apart; ``model_card``, ``ml_bom``, ``croissant`` and
``openlineage_event`` each write one format. What the record does not say is left out,
and nothing is asked, so the same record gives the same bytes.
"""

__all__: list[str] = []
