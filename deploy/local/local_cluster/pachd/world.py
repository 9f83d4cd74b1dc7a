"""The parts of one pachd, put together over one store."""

from dataclasses import dataclass, field
from pathlib import Path

from local_cluster.pachd.branches import Branches
from local_cluster.pachd.commit_sets import CommitSets
from local_cluster.pachd.commits import Commits
from local_cluster.pachd.files import Files
from local_cluster.pachd.finishing import Finisher
from local_cluster.pachd.store import Store
from local_cluster.pachd.triggers import Triggers

__all__ = ["World"]


@dataclass(slots=True)
class World:
    """What gRPC and S3 both act upon. It lives from a start to the next stop."""

    root: Path
    finish_seconds: float
    commit_cost_seconds: float
    auth: bool
    """Whether callers have to sign in, and rights are looked up."""
    store: Store = field(init=False)
    branches: Branches = field(init=False)
    triggers: Triggers = field(init=False)
    finisher: Finisher = field(init=False)
    commits: Commits = field(init=False)
    commit_sets: CommitSets = field(init=False)
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.root)
        self.branches = Branches(self.store)
        self.triggers = Triggers(self.store, self.branches)
        self.finisher = Finisher(
            self.store, self.triggers, delay_seconds=self.finish_seconds
        )
        self.commits = Commits(self.store, self.branches, self.finisher)
        self.commit_sets = CommitSets(self.store, self.branches)
        self.files = Files(self.store, self.branches, self.commits)

    def close(self) -> None:
        """Stop finishing commits and let go of the disk."""
        self.finisher.stop()
        self.store.close()
