"""What somebody says of a commit that is held: annotations of a MnistTraining. Pure.

Each names commits by their whole IDs, with commas or spaces between them. Of a commit
that is not held neither says anything.
"""

from collections.abc import Mapping, Sequence

from mnist_operator.model import DOMAIN

__all__ = ["DISCARD_COMMIT", "RELEASE_COMMIT", "named_in"]

RELEASE_COMMIT = f"{DOMAIN}/release-commit"
"""It is to be trained all the same."""
DISCARD_COMMIT = f"{DOMAIN}/discard-commit"
"""It is never to be trained."""
_LIMIT = 100 * 33
"""Characters that are read: so many IDs."""


def named_in(annotations: Mapping[str, str], name: str) -> Sequence[str]:
    """The commits that an annotation names, in its order."""
    return annotations.get(name, "")[:_LIMIT].replace(",", " ").split()
