"""The promotion's part of a MnistTraining: which models take the production branch."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_operator.gate import Bars
from mnist_operator.model import DOMAIN, Model
from mnist_operator.pfs_names import COMMIT_PATTERN, PfsName, PfsPath

__all__ = [
    "PROMOTION_COMMIT",
    "PROMOTION_FORCED",
    "PROMOTION_REQUEST",
    "PROMOTION_REQUESTED_AT",
    "HeldOut",
    "Promotion",
]

PROMOTION_REQUESTED_AT = f"{DOMAIN}/promotion-requested-at"
PROMOTION_REQUEST = f"{DOMAIN}/promotion-request"
"""Promote or Rollback."""
PROMOTION_COMMIT = f"{DOMAIN}/promotion-commit"
PROMOTION_FORCED = f"{DOMAIN}/promotion-forced"
"""Why a model is promoted that the gate did not let pass."""

Share = Annotated[str, Field(max_length=16, pattern=r"^(0|1(\.0+)?|0?\.[0-9]+)$")]
"""A part of all images, as a decimal string."""


class HeldOut(Model):
    """Images that no model is trained on."""

    project: PfsName = Field("default", description="Pachyderm project of the repo.")
    repo: PfsName = Field(description="Repo that holds the images.")
    branch: PfsName | None = Field(
        None,
        description="Branch whose head is taken, when an attempt begins. This or"
        " commit.",
    )
    commit: Annotated[str, Field(pattern=COMMIT_PATTERN, max_length=32)] | None = Field(
        None, description="The one commit to take, for ever. This or branch."
    )
    path: PfsPath = Field(
        "data/mnist.npz",
        description="The file in the commit: a numpy archive with x_test and y_test,"
        " or else x_train and y_train.",
    )


class Promotion(Model):
    """Which models take the place of the one in production."""

    branch: PfsName = Field(
        "production",
        description="Branch of the output repo whose head is the model in production.",
    )
    mode: Literal["Automatic", "Manual", "Off"] = Field(
        "Automatic",
        description="Automatic: each new model that passes the gate is promoted."
        " Manual: the gate decides, and waits for `mnistctl promote`. Off: nothing is"
        " compared.",
    )
    min_accuracy: Share | None = Field(
        None, description="Least accuracy on the held-out images. Left out: any."
    )
    max_regression: Share = Field(
        "0",
        description="Largest drop of that accuracy that is no reason to refuse a model"
        " which the test (McNemar's, p below 0.01) finds worse.",
    )
    held_out: HeldOut | None = Field(
        None, description="The images to compare with; needed unless mode is Off."
    )

    @property
    def bars(self) -> Bars:
        """What is asked of a model."""
        return Bars(self.min_accuracy or "", self.max_regression)
