"""Whatever a variable says, it is taken, or an error names it, and a remedy."""

import pytest

from mnist_trainer.__main__ import main
from mnist_trainer.config import read_config
from mnist_trainer.errors import ConfigError, ExitCode
from mnist_trainer.farewell import last_words
from mnist_trainer.quotes import quote

VALUES = {
    "bytes": "\udcff",
    "commas": ",,,",
    "control": "\x7f",
    "deep": "[" * 100_000,
    "digits": "1" + "0" * 5000,
    "dots": "../../etc/passwd",
    "escape": "\x1b[2J",
    "format": "%s%(x)s{0}",
    "infinite": "1e400",
    "kana": "画像",
    "line": "a\nb",
    "long": "x" * 100_000,
    "long-name": "n" * 256 + ".h5",
    "negative": "-1",
    "nothing": " ",
    "null": "a\x00b.h5",
    "object": '{"task": {"type": "worker", "index": 1e400}}',
    "root": "/",
    "squared": "²",
    "turned": "\u202egnp.h5",
    "zero": "0",
}
PEERS = (
    '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}'
)
BESIDE = {
    "AWS_ACCESS_KEY_ID": {"AWS_SECRET_ACCESS_KEY": "token"},
    "TRAINER_PEERS_TIMEOUT_SECONDS": {"TF_CONFIG": PEERS},
    "WARM_START_BUCKET": {"WARM_START_FILE": "a.h5"},
    "WARM_START_FILE": {"WARM_START_BUCKET": "b"},
}
"""What else has to be there for a variable to be read at all."""

VARIABLES = (
    *("AWS_ACCESS_KEY_ID", "AWS_MAX_ATTEMPTS", "DATA_DIR", "INPUT_BUCKET"),
    *("MODEL_FILE", "OUTPUT_BUCKET", "REQUIREMENTS_FILE", "S3_CA_FILE"),
    *("S3_CONNECT_TIMEOUT_MSEC", "S3_ENDPOINT", "S3_REGION", "S3_USE_HTTPS"),
    *("S3_REQUEST_TIMEOUT_MSEC", "S3_VERIFY_SSL", "SOURCE_REVISION", "TF_CONFIG"),
    *("TRAINER_PARAMETERS", "TRAINER_PEERS_TIMEOUT_SECONDS", "TRAINING_DATA"),
    *("WARM_START_BUCKET", "WARM_START_FILE"),
)
SECRET = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
SURROUNDINGS = {"S3_ENDPOINT": "gateway:600", "S3_USE_HTTPS": "0"}


def _judge(variable, value):
    """Return what speaks against the trainer; nothing, where all is well."""
    environment = SURROUNDINGS | BESIDE.get(variable, {}) | {variable: value}
    try:
        read_config([], environment)
    except ConfigError as error:
        told = str(error)
        if variable not in told or ": " not in told:
            return f"it names no variable and remedy: {told!r}"
        if not told.isprintable():
            return f"it would break a log: {told!r}"
        if "…" in last_words("InvalidConfiguration", told):
            return f"the remedy is cut off: {told}"
        if variable in SECRET and value.strip() and value in told:
            return f"it tells the secret: {told}"
    return ""


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_error_names_the_variable_and_a_remedy_whatever_the_value(variable):
    verdicts = {name: _judge(variable, value) for name, value in VALUES.items()}

    assert {} == {name: verdict for name, verdict in verdicts.items() if verdict}


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AWS_MAX_ATTEMPTS", "1" * 5000, f"is {quote('1' * 5000)}: give a whole"),
        ("DATA_DIR", "/" + "d" * 256, "255 between two slashes"),
        ("INPUT_BUCKET", "b" * 256, "give COMMIT.BRANCH.REPO"),
        ("MODEL_FILE", "m" * 253 + ".h5", "at most 1024 bytes in all and 255"),
        ("MODEL_FILE", "模" * 85 + ".h5", "at most 1024 bytes in all and 255"),
        ("MODEL_FILE", "a\nb.h5", r"is 'a\nb.h5': give a path without control"),
        ("S3_ENDPOINT", "gate way:1", "is 'http://gate way:1': give HOST:PORT"),
        ("S3_REGION", "us\r\nX-Evil: 1", r"is 'us\r\nX-Evil: 1': give letters"),
        ("TF_CONFIG", "[" * 100_000, "(100000 characters): give the JSON object"),
        ("TRAINER_PARAMETERS", "[" * 100_000, 'write an object such as {"epochs": 2}'),
        ("TRAINER_PEERS_TIMEOUT_SECONDS", "²", "is '²': give whole seconds, 1 to"),
        ("WARM_START_BUCKET", "a b", "is 'a b': give COMMIT.BRANCH.REPO"),
    ],
)
def test_a_value_beyond_its_limit_is_quoted_with_the_limit(variable, value, told):
    with pytest.raises(ConfigError) as refused:
        read_config([], SURROUNDINGS | BESIDE.get(variable, {}) | {variable: value})

    assert f"{variable} " in str(refused.value)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_MAX_ATTEMPTS", "100"),
        ("DATA_DIR", "/" + "d" * 255),
        ("INPUT_BUCKET", "b" * 255),
        ("MODEL_FILE", "m" * 252 + ".h5"),
        ("MODEL_FILE", "模型/画像 1.h5"),
        ("S3_REQUEST_TIMEOUT_MSEC", "86400000"),
        ("TRAINER_PARAMETERS", '{"seed": 2147483647, "epochs": 1000, "width": 16}'),
        ("TRAINER_PARAMETERS", '{"learningRate": "1e-8", "dropout": "0.9"}'),
        ("TRAINING_DATA", "x/" * 509 + "y" + "a.npz"),
        ("TRAINER_PEERS_TIMEOUT_SECONDS", "604800"),
    ],
)
def test_a_value_at_its_limit_is_taken(variable, value):
    given = SURROUNDINGS | BESIDE.get(variable, {}) | {variable: value}

    assert read_config([], given) is not None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "x" * 5000], "--data is 'xxx"),
        (["--" + "y" * 5000], "unrecognized arguments: --yyy"),
        (["--a\x1b[2J"], "unrecognized arguments: --a?[2J: see"),
        (["--epochs", "9" * 5000, "-p", "{}"], "--epochs is '999"),
    ],
)
def test_a_flag_is_quoted_in_part(tmp_path, capsys, arguments, told):
    """All the way to the last words, whose remedy is not cut off."""
    log = tmp_path / "last-words"
    code = main(
        ["--output", "out", *arguments] if "--data" in arguments else arguments,
        SURROUNDINGS | {"TERMINATION_MESSAGE_PATH": str(log)},
    )

    assert ExitCode.CONFIG == code
    assert told in capsys.readouterr().out
    assert "…" not in log.read_text()
