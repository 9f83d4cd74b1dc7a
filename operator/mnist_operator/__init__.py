"""Train a TFJob on every commit of a Pachyderm branch, and record what made what.

Reading order, from what decides to what acts:

core (values and decisions; imports nothing that can act)
    ``resource`` the MnistTraining and its bounds, ``status`` its conditions,
    ``commits`` and ``errors`` the nouns, ``clock`` the time of day; ``runs`` the
    identity of an attempt,
    ``decisions`` and ``ledger`` what was decided, ``failures`` what is tried again,
    ``tfjob``, ``pods`` and ``lineage`` the objects that are made, ``evidence``
    whether a run can be believed; ``plan`` the vocabulary, ``reconcile`` THE
    decision, with its rungs ``beginnings``, ``outcomes``, ``openings`` and
    ``upkeep``, whose turn it is in ``turns``, who holds which slot in ``lanes``;
    ``summary`` and ``announce`` what people are told.
shell (effects)
    ``pachyderm`` and ``kube`` the two clients, ``access`` who we are; ``observer``,
    ``readings`` and ``backlog`` look; ``performer``, ``closing`` and ``publisher``
    act; ``engine`` turns the loop, ``handlers`` is kopf, ``__main__`` puts it
    together.
the process, which knows no training
    ``supervision`` its signals and its end, ``leadership`` the Lease (decided in
    ``election``), ``probes`` the health port (decided in ``health``), ``kinds``
    what is served.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
"""Stands in every record, so that an auditor knows who wrote it."""
