"""Environment and flags: the classic recipe keeps working, nonsense is refused."""

import hashlib
from pathlib import Path

import certifi
import pytest

from mnist_trainer.config import Earlier, find_termination_log, read_config
from mnist_trainer.errors import ConfigError

# As the TFJob of the classic recipe sets them, and nothing more.
CLASSIC = {
    "S3_ENDPOINT": "pachd.pachyderm:600",
    "S3_USE_HTTPS": "0",
    "S3_VERIFY_SSL": "0",
    "S3_REQUEST_TIMEOUT_MSEC": "600000",
    "S3_CONNECT_TIMEOUT_MSEC": "600000",
    "S3_REGION": "us-east1-b",
}


def _read(*arguments, **environment):
    return read_config(arguments, CLASSIC | environment)


def test_the_classic_recipe_is_understood():
    config = _read()

    assert "http://pachd.pachyderm:600" == config.place.endpoint
    assert "master.inputrepo" == config.place.source
    assert "master.outputrepo" == config.place.target
    assert "us-east1-b" == config.place.region
    assert 600 == config.place.request_seconds
    assert 600 == config.place.connect_seconds
    assert config.place.verify is False
    assert "data/mnist.npz" == config.training_data
    assert "my_model.h5" == config.model_file


@pytest.mark.parametrize(
    ("variable", "short", "long", "read"),
    [
        ("INPUT_BUCKET", "-i", "--inputbucket", lambda c: c.place.source),
        ("OUTPUT_BUCKET", "-o", "--outputbucket", lambda c: c.place.target),
        ("DATA_DIR", "-d", "--datadir", lambda c: str(c.data_dir)),
        ("TRAINING_DATA", "-t", "--trainingdata", lambda c: c.training_data),
        ("MODEL_FILE", "-m", "--modelfile", lambda c: c.model_file),
    ],
)
def test_each_variable_has_two_flags_that_win_over_it(variable, short, long, read):
    asked = {variable: "from_environment.h5"}

    assert "from_environment.h5" == read(_read(**asked))
    assert "from_flag.h5" == read(_read(short, "from_flag.h5", **asked))
    assert "from_flag.h5" == read(_read(long, "from_flag.h5", **asked))


def test_an_empty_variable_counts_as_absent():
    assert "my_model.h5" == _read(MODEL_FILE="").model_file


def test_the_seed_comes_from_the_input_commit_unless_it_is_given():
    one = _read(INPUT_BUCKET="c1.master.inputrepo")
    other = _read(INPUT_BUCKET="c2.master.inputrepo")
    given = _read(INPUT_BUCKET="c2.master.inputrepo", TRAINER_PARAMETERS='{"seed": 5}')

    assert one.parameters.seed != other.parameters.seed
    assert 5 == given.parameters.seed


@pytest.mark.parametrize(
    ("environment", "endpoint"),
    [
        pytest.param({}, "https://pachd:30600", id="https-unless-told-otherwise"),
        pytest.param({"S3_USE_HTTPS": "0"}, "http://pachd:30600", id="http-when-told"),
        pytest.param({"S3_USE_HTTPS": "1"}, "https://pachd:30600", id="https-as-told"),
    ],
)
def test_the_scheme_of_a_bare_endpoint(environment, endpoint):
    config = read_config([], {"S3_ENDPOINT": "pachd:30600"} | environment)

    assert endpoint == config.place.endpoint


def test_the_scheme_of_a_url_wins():
    assert "https://pachd:443" == _read(S3_ENDPOINT="https://pachd:443/").place.endpoint


def test_certificates_are_checked_against_the_authority_that_is_named():
    config = _read(S3_VERIFY_SSL="1", S3_CA_FILE=certifi.where())

    assert certifi.where() == config.place.verify


def test_an_authority_that_is_no_certificate_is_refused(tmp_path):
    authority = tmp_path / "ca.pem"
    authority.write_text("no certificate")

    with pytest.raises(ConfigError, match="S3_CA_FILE"):
        _read(S3_VERIFY_SSL="1", S3_CA_FILE=str(authority))


def test_without_credentials_key_and_secret_are_equal_as_pachd_wants():
    place = _read().place

    assert place.access_key
    assert place.access_key == place.secret_key


def test_credentials_never_show_in_a_printed_configuration():
    token = "a-token-from-a-secret"
    config = _read(AWS_ACCESS_KEY_ID=token, AWS_SECRET_ACCESS_KEY=token)

    assert token == config.place.access_key
    assert token not in repr(config)


@pytest.mark.parametrize("token", ["to\nken", "to ken", "t\u00f6ken"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token):
    with pytest.raises(ConfigError, match="one line") as refused:
        _read(AWS_ACCESS_KEY_ID=token, AWS_SECRET_ACCESS_KEY=token)

    assert token not in str(refused.value)


def test_a_newline_at_the_end_of_a_secrets_file_is_no_part_of_the_token():
    place = _read(AWS_ACCESS_KEY_ID="token\n", AWS_SECRET_ACCESS_KEY="token\n").place

    assert ("token", "token") == (place.access_key, place.secret_key)


def test_paths_are_taken_as_inside_the_bucket():
    assert "data/mnist.npz" == _read(TRAINING_DATA="/data/mnist.npz").training_data


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        pytest.param("data", "data", id="a-folder-without-a-suffix"),
        pytest.param("/data/", "data/", id="a-folder"),
        pytest.param("parts.npz/", "parts.npz/", id="a-folder-that-sounds-like-a-file"),
        pytest.param("/", "/", id="all-of-the-commit"),
    ],
)
def test_training_data_may_be_a_folder(given, understood):
    assert understood == _read(TRAINING_DATA=given).training_data


def test_an_earlier_model_to_begin_from_is_named_by_two_variables():
    bucket = "c1.master.outputrepo"
    config = _read(WARM_START_BUCKET=bucket, WARM_START_FILE="/models/my_model.h5")

    assert Earlier(bucket, "models/my_model.h5") == config.earlier
    assert _read().earlier is None


def test_what_the_image_knows_of_itself_is_kept(tmp_path):
    locked = tmp_path / "requirements.txt"
    locked.write_bytes(b"keras==3\n")
    build = _read(
        SOURCE_REVISION="abc",
        SOURCE_URL="https://example.org/repo",
        REQUIREMENTS_FILE=str(locked),
    ).build

    assert hashlib.sha256(b"keras==3\n").hexdigest() == build.requirements_sha256
    assert "abc" == build.source_revision
    assert "https://example.org/repo" == build.source_url


@pytest.mark.parametrize(
    "place",
    [
        pytest.param('{"task": {"type": "chief", "index": 0}}', id="the-chief"),
        pytest.param('{"task": {"type": "worker", "index": 0}}', id="a-lone-worker"),
        pytest.param("{}", id="no-task-at-all"),
    ],
)
def test_a_process_that_works_alone_may_be(place):
    assert _read(TF_CONFIG=place)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param('{"task": {"type": "worker", "index": 1}}', id="second-worker"),
        pytest.param(
            '{"cluster": {"chief": ["a:1"]}, "task": {"type": "worker", "index": 0}}',
            id="a-worker-beside-a-chief",
        ),
        pytest.param('{"task": {"type": "ps", "index": 0}}', id="parameter-server"),
        pytest.param('{"task": {"type": "evaluator", "index": 0}}', id="evaluator"),
        pytest.param('{"task": {"type": "worker"}}', id="a-task-without-index"),
        pytest.param("[]", id="no-object"),
        pytest.param("{", id="no-json"),
    ],
)
def test_any_other_process_refuses_to_write_the_output(place):
    with pytest.raises(ConfigError, match="TF_CONFIG"):
        _read(TF_CONFIG=place)


@pytest.mark.parametrize(
    ("environment", "named", "remedy"),
    [
        ({"S3_ENDPOINT": ""}, "S3_ENDPOINT is missing", "HOST:PORT"),
        ({"S3_ENDPOINT": "ftp://pachd"}, "'ftp://pachd'", "HOST:PORT"),
        ({"S3_ENDPOINT": "http://pachd:port"}, "S3_ENDPOINT", "HOST:PORT"),
        ({"S3_ENDPOINT": "http://pachd/bucket"}, "S3_ENDPOINT", "HOST:PORT"),
        ({"S3_USE_HTTPS": "maybe"}, "S3_USE_HTTPS is 'maybe'", "1 or 0"),
        ({"S3_VERIFY_SSL": "2"}, "S3_VERIFY_SSL is '2'", "1 or 0"),
        ({"S3_REQUEST_TIMEOUT_MSEC": "10s"}, "S3_REQUEST_TIMEOUT_MSEC is '10s'", "1"),
        ({"S3_CONNECT_TIMEOUT_MSEC": "0"}, "S3_CONNECT_TIMEOUT_MSEC is '0'", "1"),
        ({"AWS_MAX_ATTEMPTS": "1000"}, "AWS_MAX_ATTEMPTS is '1000'", "1 to 100"),
        ({"S3_VERIFY_SSL": "1", "S3_CA_FILE": "/no/ca.pem"}, "/no/ca.pem", "mount"),
        ({"AWS_ACCESS_KEY_ID": "x"}, "AWS_SECRET_ACCESS_KEY is missing", "set both"),
        ({"AWS_SECRET_ACCESS_KEY": "x"}, "AWS_ACCESS_KEY_ID is missing", "set both"),
        ({"INPUT_BUCKET": "in/data"}, "INPUT_BUCKET is 'in/data'", "COMMIT.BRANCH"),
        ({"OUTPUT_BUCKET": "two words"}, "OUTPUT_BUCKET", "COMMIT.BRANCH.REPO"),
        ({"REQUIREMENTS_FILE": "/no/file"}, "REQUIREMENTS_FILE is '/no/file'", "name"),
        ({"TRAINING_DATA": "../secret"}, "TRAINING_DATA is '../secret'", "without"),
        ({"MODEL_FILE": "my_model.pb"}, "MODEL_FILE is 'my_model.pb'", "end it in .h5"),
        ({"MODEL_FILE": "a/../../m.h5"}, "MODEL_FILE", "without '..'"),
        ({"WARM_START_FILE": "m.h5"}, "WARM_START_BUCKET is missing", "set both"),
        ({"WARM_START_BUCKET": "b.r"}, "WARM_START_FILE is missing", "set both"),
        (
            {"WARM_START_BUCKET": "b.r", "WARM_START_FILE": "../m.h5"},
            "WARM_START_FILE is '../m.h5'",
            "without '..'",
        ),
    ],
)
def test_a_refusal_names_the_variable_and_the_remedy(environment, named, remedy):
    with pytest.raises(ConfigError) as refused:
        _read(**environment)

    assert named in str(refused.value)
    assert remedy in str(refused.value)


def test_a_password_in_the_endpoint_is_refused_without_being_repeated():
    with pytest.raises(ConfigError) as refused:
        _read(S3_ENDPOINT="http://user:hunter2@pachd:600")

    assert "hunter2" not in str(refused.value)


def test_last_words_go_where_kubernetes_says():
    assert Path("/some/log") == find_termination_log(
        {"TERMINATION_MESSAGE_PATH": "/some/log"}
    )
