"""What all groups of calls share: the world, and how a request names a commit."""

from typing import Any

from local_cluster.pachd.messages import commit_name
from local_cluster.pachd.records import Commit
from local_cluster.pachd.world import World

__all__ = ["Calls"]


class Calls:
    """A group of calls that act upon one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def find(self, message: Any) -> Commit:
        """Return the commit that a request names, or refuse."""
        return self.world.commits.find(*commit_name(message))
