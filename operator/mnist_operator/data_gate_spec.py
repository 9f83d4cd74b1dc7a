"""The data gate's part of a MnistTraining: how far data may move between two models."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from mnist_operator.model import Model
from mnist_operator.trainer_parameters import UpToOne

__all__ = ["DataGate"]


class DataGate(Model):
    """How much of the data may have changed since the newest model's.

    Both data sets are taken as a whole: what is to be trained on, and what is to be
    tested with. A limit that is left out allows anything; without any nothing is
    compared.
    """

    # No defaults in the schema but that of what has a meaning of its own.
    max_relabelled: UpToOne | None = Field(
        None,
        description="Largest share of the images of the newest model's data that may"
        " have another label in a new commit, pixel for pixel the same. 0: none.",
    )
    max_dropped: UpToOne | None = Field(
        None,
        description="Largest share of the images of the newest model's data that may"
        " be missing in a new commit. 0: none.",
    )
    max_class_shift: UpToOne | None = Field(
        None,
        description="Largest distance between the shares that classes have in the"
        " newest model's data and in a new commit's: half the sum of what each class's"
        " share has changed by (total variation). 0: none may change.",
    )
    on_violation: Literal["Hold", "Warn"] = Field(
        "Hold",
        description="What becomes of a commit beyond a limit, or whose data cannot be"
        " compared. Hold: it is not trained until somebody releases it; commits after"
        " it go on. Warn: it is trained, and an Event and the record say what was"
        " found.",
    )

    def limits(self) -> Mapping[str, str]:
        """The limits that are set, by their names in the spec, as they are written."""
        found = {
            "maxRelabelled": self.max_relabelled,
            "maxDropped": self.max_dropped,
            "maxClassShift": self.max_class_shift,
        }
        return {name: limit for name, limit in found.items() if limit is not None}
