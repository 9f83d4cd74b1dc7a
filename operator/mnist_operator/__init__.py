"""Train a TFJob on every commit of a Pachyderm branch, and record what made what.

Reading order, from what decides to what acts:

core (values and decisions; imports nothing that can act)
    ``resource`` the MnistTraining and its bounds, ``status`` its conditions,
    ``commits`` and ``errors`` the nouns; ``runs`` the identity of an attempt,
    ``evidence`` whether it can be believed, ``ledger`` what was decided, ``tfjob``
    and ``lineage`` the objects that are made; ``plan`` the vocabulary,
    ``beginnings``, ``attempts`` and ``reconcile`` THE decision, ``summary`` and
    ``announce`` what people are told.
shell (effects)
    ``pachyderm`` and ``kube`` the two clients, ``access`` who we are,
    ``backlog`` and ``observer`` look, ``publisher`` and ``performer`` act,
    ``engine`` turns the loop, ``handlers`` is kopf, ``__main__`` puts it together.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
"""Stands in every record, so that an auditor knows who wrote it."""
