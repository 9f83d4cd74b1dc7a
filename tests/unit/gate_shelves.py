"""Two commits in a Pachyderm in memory, and what the data gate finds of them."""

from dataclasses import dataclass, field

from mnist_operator.commits import File, Repo
from mnist_operator.errors import (
    NotFoundError,
    TooLargeError,
    UnreachableError,
)
from mnist_operator.gate_readings import Comparer
from unit.data_archives import dataset

REPO = Repo("default", "inputrepo")
PATH = "data/mnist.npz"
TEN = [(n, n % 2) for n in range(10)]


@dataclass
class Shelves:
    """Commits with their files, and what was asked of them."""

    commits: dict = field(default_factory=dict)
    read: list = field(default_factory=list)
    fails: str = ""

    async def files(self, repo, commit):
        if commit not in self.commits:
            raise NotFoundError("pachd", "WalkFile", f"no commit {commit}")
        if self.commits[commit] is None:
            raise TooLargeError("pachd", "WalkFile", "more than 100000 files below /")
        return [
            File(path, len(content), f"{hash(content):x}")
            for path, content in self.commits[commit].items()
        ]

    async def chunks(self, repo, commit, path):
        self.read.append((commit, path))
        if self.fails:
            raise UnreachableError("pachd", "GetFile", self.fails)
        content = self.commits[commit][path]
        for at in range(0, len(content), 100):
            yield content[at : at + 100]


def shelves(before, after, path="/data/mnist.npz"):
    """Two commits with one file each; None: without it."""
    both = (("old", before), ("new", after))
    return Shelves({name: {path: it} if it else {} for name, it in both})


async def compared(client, path=PATH, limits=None):
    comparer = Comparer(limits=limits) if limits else Comparer()
    return await comparer.compare(client, REPO, "old", "new", path)


def data(train=(), test=()):
    return dataset(train, test).getvalue()


def relabelled(samples, *places):
    return [
        (image, 1 - label if at in places else label)
        for at, (image, label) in enumerate(samples)
    ]
