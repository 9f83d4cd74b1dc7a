"""What is compared, and what a trainer says of it, for tests of the gate."""

from mnist_operator.gate import Bars, Figures
from mnist_operator.trial import Pinned, Trial
from unit.builders import ident

SHA256 = "ab" * 32
CHAMPION = ident(0xF001)


def trial(champion=CHAMPION, mark=None, **bars):
    """Held-out images of their own repo; a model in production made of commit 1."""
    held_out = Pinned("default", "held_out", "master", ident(0xE001), "data/test.npz")
    model = Pinned("default", "outputrepo", "master", champion, "my_model.h5")
    data = Pinned("default", "inputrepo", "master", ident(1), "data/mnist.npz")
    used = (model, data) if champion else (None, None)
    return Trial(held_out, *used, bars=Bars(**bars), mark=mark)


def told(of, both=90, champion=2, challenger=3, neither=5, seen=0, before=0):
    """held_out.json of a trainer that compared what it was told to."""

    def name(place):
        if place is None:
            return None
        return {"bucket": place.bucket, "path": f"/{place.path}", "sha256": SHA256}

    return {
        "version": 1,
        "heldOut": name(of.held_out),
        "champion": name(of.champion),
        "championData": name(of.champion_data),
        "table": {
            "bothRight": both,
            "onlyChampion": champion,
            "onlyChallenger": challenger,
            "bothWrong": neither,
        },
        "leaked": {"challenger": seen, "champion": before if of.champion else None},
    }


def figures(both=90, champion=2, challenger=3, neither=5, seen=0, before=0, **more):
    return Figures(both, champion, challenger, neither, seen, before, **more)
