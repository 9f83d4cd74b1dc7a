"""The trainer's knobs as a MnistTraining turns them: TRAINER_PARAMETERS, word for word.

Numbers that are no whole ones are decimal strings, and their bounds are patterns: so
the API server, these models and the trainer read the same digits, and no float.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mnist_operator.model import Model

__all__ = ["Parameters"]

Output = Literal["Keras", "SavedModel", "Report", "Log", "TensorBoard"]


def _names_each_once(outputs: list[Output]) -> list[Output]:
    if len(set(outputs)) < len(outputs):
        message = "must name each output once"
        raise ValueError(message)
    return outputs


Rate = Annotated[str, Field(max_length=24, pattern=r"^[0-9]*\.?[0-9]+([eE]-?[0-9]+)?$")]
UpToHalf = Annotated[str, Field(max_length=24, pattern=r"^(0|0?\.([0-4][0-9]*|50*))$")]
UpToNineTenths = Annotated[
    str, Field(max_length=24, pattern=r"^(0|0?\.([0-8][0-9]*|90*))$")
]
UpToOne = Annotated[
    str,
    Field(
        max_length=24,
        pattern=r"^(0|1(\.0+)?|0?\.[0-9]+|[0-9](\.[0-9]+)?[eE]-0?[1-9][0-9]?)$",
    ),
]


class Parameters(Model):
    """What the trainer may vary; what is left out is the recipe's own default."""

    recipe: Literal["Fast", "Best", "Classic"] | None = Field(
        None,
        description="Which network is trained, and how. Fast: 99 % of MNIST in the"
        " least time. Best: the highest accuracy. Classic: one hidden layer, as ever."
        " Left out: Fast.",
    )
    epochs: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Passes over the training data."
    )
    batch_size: Annotated[int, Field(ge=1, le=65536)] | None = Field(
        None, description="Images in one step, those of all workers together."
    )
    learning_rate: Rate | None = Field(
        None, description='Peak learning rate, a decimal string such as "0.02".'
    )
    label_smoothing: UpToHalf | None = Field(
        None,
        description="How much of each label is spread over all classes, a decimal"
        ' string such as "0.1".',
    )
    weight_decay: UpToOne | None = Field(
        None, description='Decay of the weights, a decimal string such as "5e-4".'
    )
    dropout: UpToNineTenths | None = Field(
        None,
        description="Which part of a layer is left out in a step, a decimal string"
        ' such as "0.2".',
    )
    augmentation: Literal["None", "Shift", "Affine"] | None = Field(
        None,
        description="What is done to training images. Shift: moved by a pixel."
        " Affine: turned, scaled and moved.",
    )
    width: Annotated[int, Field(ge=1, le=16)] | None = Field(
        None,
        description="Times as many filters and units in each layer: 4 takes a GPU,"
        " and gets the last tenth of a point. Left out: 1.",
    )
    precision: Literal["Float32", "Mixed"] | None = Field(
        None,
        description="Of what the network computes. Mixed: with half of the bits where"
        " that is enough, for GPUs.",
    )
    device: Literal["Auto", "CPU", "GPU"] | None = Field(
        None,
        description="Where to train. Auto: on a GPU if there is one. GPU: without one"
        " the attempt fails, and is tried again. CPU: never on a GPU. Left out: Auto.",
    )
    deterministic: bool | None = Field(
        None,
        description="Whether the same data, image, parameters and kind of processor"
        " give the same bits. Left out: true.",
    )
    validation_percent: Annotated[int, Field(ge=1, le=50)] | None = Field(
        None,
        description="How much of the training data is held back to measure with,"
        " where the data has no test split. Left out: 10.",
    )
    seed: Annotated[int, Field(ge=0, le=2147483647)] | None = Field(
        None,
        description="Seed of every random choice; left out, derived from the"
        " input commit.",
    )
    outputs: (
        Annotated[list[Output], Field(max_length=5), AfterValidator(_names_each_once)]
        | None
    ) = Field(
        None,
        description="What is published besides the model file, metrics.json and"
        " run.json. Left out: Report and Log.",
    )
