"""plan: what the operator would do, by its own decision.

``doors`` looks, with the operator's own eyes; ``course`` lets its ``reconcile`` decide,
again and again, on what ``effects`` says that came of it; ``rows``, ``jobs`` and
``report`` are what that comes to (pure). ``answer`` puts it together.
"""

__all__: list[str] = []
