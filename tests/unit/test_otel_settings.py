"""OpenTelemetry's standard variables: which are followed, and which are refused."""

import pytest

from mnist_operator.otel_settings import Collector, read_collector

ALL = "OTEL_EXPORTER_OTLP_ENDPOINT"
OWN = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
URL = "http://collector:4318"
PATH = f"{URL}/v1/traces"
SELF = {"service.name": "mnist-operator"}


def collector(url=PATH, **fields):
    return Collector(url, **({"resource": SELF} | fields))


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({ALL: " "}, None, id="empty-is-not-set"),
        pytest.param({"OTEL_TRACES_EXPORTER": "otlp"}, None, id="no-endpoint"),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_EXPORTER": "zipkin"},
            None,
            id="no-endpoint-whatever-else",
        ),
        pytest.param({ALL: URL}, collector(), id="all-signals"),
        pytest.param({ALL: f"{URL}/"}, collector(), id="all-signals-slash"),
        pytest.param(
            {ALL: f"{URL}/base"}, collector(f"{URL}/base/v1/traces"), id="below-a-base"
        ),
        pytest.param({OWN: URL}, collector(f"{URL}/"), id="own-as-it-is"),
        pytest.param(
            {OWN: f"{URL}/my/traces?x=1", ALL: "http://other:4318"},
            collector(f"{URL}/my/traces?x=1"),
            id="own-before-all",
        ),
        pytest.param({ALL: URL, "OTEL_SDK_DISABLED": "TRUE"}, None, id="disabled"),
        pytest.param(
            {ALL: "nonsense", "OTEL_SDK_DISABLED": "true"}, None, id="disabled-first"
        ),
        pytest.param(
            {ALL: URL, "OTEL_SDK_DISABLED": "1"}, collector(), id="only-true-disables"
        ),
        pytest.param({ALL: URL, "OTEL_TRACES_EXPORTER": "none"}, None, id="no-traces"),
        pytest.param(
            {
                ALL: URL,
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            },
            collector(),
            id="what-is-done-anyway",
        ),
        pytest.param(
            {
                ALL: URL,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json",
            },
            collector(),
            id="the-protocol-of-traces",
        ),
        pytest.param(
            {ALL: URL, "OTEL_EXPORTER_OTLP_HEADERS": "Api-Key=a%20b, X-Team = c=d "},
            collector(headers={"api-key": "a b", "x-team": "c=d"}),
            id="headers",
        ),
        pytest.param(
            {
                ALL: URL,
                "OTEL_EXPORTER_OTLP_HEADERS": "api-key=all",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=own",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "3000",
                "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "1500",
            },
            collector(headers={"api-key": "own"}, seconds=1.5),
            id="what-is-said-for-traces-comes-first",
        ),
        pytest.param(
            {
                ALL: URL,
                "OTEL_SERVICE_NAME": "trainings",
                "OTEL_RESOURCE_ATTRIBUTES": "service.name=x,deployment.name=a%2Cb,",
            },
            collector(resource={"service.name": "trainings", "deployment.name": "a,b"}),
            id="resource",
        ),
        pytest.param(
            {ALL: URL, "OTEL_RESOURCE_ATTRIBUTES": "service.name=x"},
            collector(resource={"service.name": "x"}),
            id="the-resources-own-name",
        ),
    ],
)
def test_the_variables_say_where_spans_go(environ, expected):
    assert expected == read_collector(environ)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        pytest.param(
            {ALL: "collector:4318"},
            [f"{ALL} must be http(s)://host:port", "'collector:4318'", "leave it out"],
            id="no-scheme",
        ),
        pytest.param(
            {OWN: "http://me:word@:4318"}, [f"{OWN} must be", "':4318'"], id="no-host"
        ),
        pytest.param(
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            ["OTEL_TRACES_EXPORTER must be otlp or none", "'zipkin'"],
            id="another-exporter",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            ["OTEL_EXPORTER_OTLP_PROTOCOL must be http/json", "'grpc'", "4318"],
            id="grpc",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
            ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL must be http/json"],
            id="protobuf",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
            ["OTEL_EXPORTER_OTLP_COMPRESSION must be none", "'gzip'"],
            id="compression",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.crt"},
            ["OTEL_EXPORTER_OTLP_CERTIFICATE is not read here", "SSL_CERT_FILE"],
            id="certificate",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_TIMEOUT": "0"},
            ["OTEL_EXPORTER_OTLP_TIMEOUT must be", "milliseconds", "'0'"],
            id="no-time",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "10s"},
            ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT must be", "'10s'"],
            id="no-milliseconds",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_HEADERS": "password"},
            ["OTEL_EXPORTER_OTLP_HEADERS must be key=value"],
            id="no-pair",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_HEADERS": "=password"},
            ["OTEL_EXPORTER_OTLP_HEADERS must be key=value"],
            id="no-key",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_HEADERS": "key=pass%FFword"},
            ["OTEL_EXPORTER_OTLP_HEADERS must be key=value", "%-codes"],
            id="no-text",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_HEADERS": "key=pass%0Aword"},
            ["OTEL_EXPORTER_OTLP_HEADERS holds what no header"],
            id="a-header-of-two-lines",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_HEADERS": "my key=password"},
            ["OTEL_EXPORTER_OTLP_HEADERS holds what no header"],
            id="no-name-of-a-header",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_HEADERS": "Content-Type=password"},
            ["OTEL_EXPORTER_OTLP_HEADERS holds what no header"],
            id="a-header-of-our-own",
        ),
        pytest.param(
            {"OTEL_RESOURCE_ATTRIBUTES": "team"},
            ["OTEL_RESOURCE_ATTRIBUTES must be key=value"],
            id="no-attribute",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused_by_its_name(environ, told):
    with pytest.raises(ValueError, match="OTEL_") as error:
        read_collector({ALL: URL} | environ)

    for words in told:
        assert words in str(error.value)
    assert "word" not in str(error.value)


def test_neither_headers_nor_a_password_are_shown():
    found = read_collector(
        {
            ALL: "https://me:word@hub:443",
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=secret",
        }
    )

    assert "https://hub:443" == found.place
    assert "secret" not in repr(found)
