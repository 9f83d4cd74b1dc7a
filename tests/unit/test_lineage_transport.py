"""The standard variables of OpenLineage: which are followed, and which are refused."""

import pytest

from mnist_operator.lineage_transport import Transport, read_transport

URL = "http://marquez:5000"
PATH = f"{URL}/api/v1/lineage"


@pytest.mark.parametrize(
    ("environ", "transport"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"OPENLINEAGE_NAMESPACE": "prod"}, None, id="no-backend"),
        pytest.param({"OPENLINEAGE_URL": URL}, Transport(PATH), id="url"),
        pytest.param(
            {
                "OPENLINEAGE_URL": f"{URL}/",
                "OPENLINEAGE_ENDPOINT": "events",
                "OPENLINEAGE_API_KEY": " key\n",
                "OPENLINEAGE_NAMESPACE": "prod",
            },
            Transport(f"{URL}/events", "key", "prod"),
            id="simple",
        ),
        pytest.param(
            {
                "OPENLINEAGE__TRANSPORT__TYPE": "http",
                "OPENLINEAGE__TRANSPORT__URL": "https://hub.example.org",
                "OPENLINEAGE__TRANSPORT__ENDPOINT": "/lineage",
                "OPENLINEAGE__TRANSPORT__AUTH__TYPE": "api_key",
                "OPENLINEAGE__TRANSPORT__AUTH__API_KEY": "key",
                "OPENLINEAGE_URL": URL,
            },
            Transport("https://hub.example.org/lineage", "key"),
            id="dynamic-before-simple",
        ),
        pytest.param(
            {
                "OPENLINEAGE__TRANSPORT__URL": URL,
                "OPENLINEAGE__TRANSPORT__AUTH__APIKEY": "key",
            },
            Transport(PATH, "key"),
            id="the-keys-other-spelling",
        ),
        pytest.param(
            {"OPENLINEAGE__TRANSPORT__TYPE": "Console", "OPENLINEAGE_NAMESPACE": "x"},
            Transport(namespace="x"),
            id="console",
        ),
        pytest.param(
            {"OPENLINEAGE_DISABLED": "True", "OPENLINEAGE_URL": "nonsense"},
            None,
            id="disabled",
        ),
        pytest.param(
            {"OPENLINEAGE_DISABLED": "false", "OPENLINEAGE_URL": URL},
            Transport(PATH),
            id="not-disabled",
        ),
    ],
)
def test_the_variables_say_where_events_go(environ, transport):
    assert transport == read_transport(environ)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        pytest.param(
            {"OPENLINEAGE_URL": "marquez:5000"},
            ["OPENLINEAGE_URL must be http(s)://host:port", "'marquez:5000'"],
            id="no-scheme",
        ),
        pytest.param(
            {"OPENLINEAGE_URL": "http://me:word@:5000"},
            ["OPENLINEAGE_URL", "':5000'", "leave it out"],
            id="no-host",
        ),
        pytest.param(
            {"OPENLINEAGE__TRANSPORT__URL": "http://marquez:port"},
            ["OPENLINEAGE__TRANSPORT__URL must be", "marquez:port"],
            id="no-port",
        ),
        pytest.param(
            {"OPENLINEAGE__TRANSPORT__TYPE": "http"},
            ["OPENLINEAGE_URL must be", "not ''"],
            id="no-url",
        ),
        pytest.param(
            {"OPENLINEAGE__TRANSPORT__TYPE": "kafka", "OPENLINEAGE_URL": URL},
            ["OPENLINEAGE__TRANSPORT__TYPE must be http or console", "'kafka'"],
            id="another-transport",
        ),
        pytest.param(
            {"OPENLINEAGE_URL": URL, "OPENLINEAGE__TRANSPORT__AUTH__TYPE": "jwt"},
            ["OPENLINEAGE__TRANSPORT__AUTH__TYPE must be api_key", "'jwt'"],
            id="another-way-to-sign-in",
        ),
        pytest.param(
            {"OPENLINEAGE_URL": URL, "OPENLINEAGE_API_KEY": "word\nword"},
            ["OPENLINEAGE_API_KEY", "give another key"],
            id="no-header",
        ),
        pytest.param(
            {"OPENLINEAGE__TRANSPORT": '{"type": "http"}'},
            ["OPENLINEAGE__TRANSPORT is not read", "OPENLINEAGE__TRANSPORT__URL"],
            id="as-json",
        ),
        pytest.param(
            {"OPENLINEAGE_CONFIG": "/openlineage.yml"},
            ["OPENLINEAGE_CONFIG is not read", "OPENLINEAGE_URL"],
            id="as-a-file",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused_by_its_name(environ, told):
    with pytest.raises(ValueError, match="OPENLINEAGE") as error:
        read_transport(environ)

    for words in told:
        assert words in str(error.value)
    assert "word" not in str(error.value)


def test_neither_key_nor_password_is_shown():
    found = read_transport(
        {"OPENLINEAGE_URL": "https://me:word@hub:443", "OPENLINEAGE_API_KEY": "secret"}
    )

    assert "https://hub:443" == found.place
    assert "secret" not in repr(found)
