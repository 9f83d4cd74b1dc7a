"""Parameters that no trainer takes, and what the API server says; see `wrong_specs`."""

from unit.wrong_rows import WHOLE, WORD, at, row, unknown

__all__ = ["PARAMETERS"]

_RATE = "must be a number such as 0.02 or 5e-4"
_TO_HALF = "must be a number from 0 to 0.5, such as 0.1, and not"
_TO_NINE_TENTHS = "must be a number from 0 to 0.9, such as 0.2, and not"
_TO_ONE = "must be a number from 0 to 1, such as 0.01 or 5e-4, and not"
_BOOLEAN = 'of type boolean: "string"'
_PARAMETERS = "spec.trainer.parameters"


def _at(name, parameter, value, told):
    return at(name, f"{_PARAMETERS}.{parameter}", value, told)


def _choice(name, parameter, value, *choices):
    told = ", ".join(f'"{each}"' for each in choices)
    return _at(name, parameter, value, f"supported values: {told}")


def _outputs(name, told, *outputs, field="outputs"):
    trainer = {"parameters": {"outputs": list(outputs)}}
    return row(name, f"{_PARAMETERS}.{field}", told, trainer=trainer)


PARAMETERS = [
    _choice("a-recipe-that-is-none", "recipe", "Slow", "Fast", "Best", "Classic"),
    _choice("a-recipe-in-small-letters", "recipe", "fast", "Fast", "Best", "Classic"),
    _at("no-epochs", "epochs", 0, "greater than or equal to 1"),
    _at("epochs-in-quotes", "epochs", "5", f'{WHOLE}: "string"'),
    _at("a-big-batch", "batchSize", 65537, "or equal to 65536"),
    _at("a-rate-without-quotes", "learningRate", 0.02, WORD),
    _at("a-rate-in-percent", "learningRate", "2%", _RATE),
    _at("labels-more-wrong-than-right", "labelSmoothing", "0.51", _TO_HALF),
    _at("labels-smoothed-without-quotes", "labelSmoothing", 0.1, WORD),
    _at("labels-smoothed-below-zero", "labelSmoothing", "-0.1", _TO_HALF),
    _at("weights-that-vanish", "weightDecay", "1.01", _TO_ONE),
    _at("a-decay-beyond-ten", "weightDecay", "1e1", _TO_ONE),
    _at("a-decay-in-words", "weightDecay", "little", _TO_ONE),
    _at("nothing-left-of-a-layer", "dropout", "0.91", _TO_NINE_TENTHS),
    _at("a-dropout-of-one", "dropout", "1", _TO_NINE_TENTHS),
    _at("a-dropout-in-percent", "dropout", "20%", _TO_NINE_TENTHS),
    _choice(
        "images-that-are-mirrored", "augmentation", "Flip", "None", "Shift", "Affine"
    ),
    _choice("half-precision", "precision", "Float16", "Float32", "Mixed"),
    _choice("a-device-of-another-kind", "device", "TPU", "Auto", "CPU", "GPU"),
    _at("a-yes-for-deterministic", "deterministic", "yes", _BOOLEAN),
    _at("no-width", "width", 0, "greater than or equal to"),
    _at("too-wide", "width", 17, "than or equal to 16"),
    _at("nothing-to-measure-with", "validationPercent", 0, "greater than or equal to"),
    _at("more-held-back-than-not", "validationPercent", 51, "than or equal to 50"),
    _at("a-part-and-not-a-percentage", "validationPercent", 0.1, f'{WHOLE}: "number"'),
    _at("a-seed-below-zero", "seed", -1, "greater than or equal to 0"),
    _at("one-output-without-a-list", "outputs", "Keras", "of type array"),
    _outputs(
        "an-output-that-is-none",
        'supported values: "Keras", "SavedModel", "Report", "Log", "TensorBoard"',
        "Log",
        "ONNX",
        field="outputs[1]",
    ),
    _outputs("an-output-twice", "must name each output once", "Log", "Keras", "Log"),
    _outputs("six-outputs", "must have at most 5 items", *["Log"] * 6),
    unknown("a-parameter-that-is-none", f"{_PARAMETERS}.momentum"),
    at("a-model-to-begin-from", "spec.trainer.warmStart", "0a1b2c3d", _BOOLEAN),
]
