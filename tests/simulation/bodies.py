"""Objects of the API server, and what tells one state of them from another."""

from mnist_operator.kube import Mark

__all__ = ["mark", "says_the_same"]


def says_the_same(before, after):
    """Whether a write changes nothing: then nobody is told of it."""
    if before is None:
        return False
    version = {"resourceVersion": before["metadata"]["resourceVersion"]}
    return before == after | {"metadata": after["metadata"] | version}


def mark(body):
    """As the operator marks it, when it lists the metadata of all."""
    meta = body["metadata"]
    return Mark(
        meta["namespace"],
        meta["name"],
        meta["uid"],
        meta["resourceVersion"],
        meta.get("generation", 0),
        meta.get("labels") or {},
        tuple(meta.get("finalizers") or ()),
        "deletionTimestamp" in meta,
    )
