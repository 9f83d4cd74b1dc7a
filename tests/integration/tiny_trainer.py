"""A trainer that learns nothing in 50 ms: the data itself says how it is to behave.

It keeps the contract of a trainer (environment in, files and exit code out) with the
little of the standard library that is imported at once, for there are a thousand runs
of it. The data is JSON: ``exit`` is the code to end with, which ``unless`` a file
exists; ``wait_for`` a file before going on (it says that it is there by a file of that
name and ``.reached``), and ``tell`` one whose text it prints meanwhile, as it grows;
``say`` and ``reason`` are its last words; ``leave_out`` names a file not to write;
``also`` has further files by path, which run.json does not name; ``begin`` says what to
do with a model that is given to begin from: ``anew`` not to take it, or the bucket to
claim instead; ``counts`` is how it did on held-out images: both right, the champion
alone, it alone, neither, and how many of them either was trained on; anything else is
just data, and so is a file that is a real archive. Both
files lie on this machine, where the local node runs its containers. An image may have
``TINY_SALT``, which makes another model of the same data, and ``TINY_ACCURACY``, how
good that is.
"""

import hashlib
import json
import os
import socket
import sys
import time
from pathlib import Path

_LOOK_SECONDS = 0.01
_SIGNED = "host;x-amz-content-sha256;x-amz-date"


def _request(bucket: str, path: str, content: bytes | None = None) -> bytes:
    """Ask once over HTTP; urllib takes longer to import than all of this to run."""
    host = os.environ["S3_ENDPOINT"]
    method = "GET" if content is None else "PUT"
    headers = {"Host": host, **_signature(method, host, f"/{bucket}/{path}")}
    if content is not None:
        headers["Content-Length"] = str(len(content))
    lines = [f"{method} /{bucket}/{path} HTTP/1.0"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with _connect(host) as connection, connection.makefile("rb") as answer:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + (content or b""))
        head, _, body = answer.read().partition(b"\r\n\r\n")
    status, *told = head.decode().lower().split("\r\n")
    lengths = [int(line[15:]) for line in told if line.startswith("content-length:")]
    if status.split()[1:2] != ["200"] or lengths not in ([], [len(body)]):
        raise OSError(f"{method} {bucket}/{path}: {status or 'no answer'}")
    return body


def _connect(endpoint: str) -> socket.socket:
    host, _, port = endpoint.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    if os.environ["S3_USE_HTTPS"] != "1":
        return connection
    import ssl  # noqa: PLC0415 (takes longer than a run, and is rarely needed)

    context = ssl.create_default_context(cafile=os.environ.get("S3_CA_FILE"))
    return context.wrap_socket(connection, server_hostname=host)


def _signature(method: str, host: str, path: str) -> dict[str, str]:
    """Sign as AWS wants it; nothing where pachd asks for no token."""
    token = os.environ.get("AWS_ACCESS_KEY_ID", "").strip()
    if not token:
        return {}
    import hmac  # noqa: PLC0415 (as above)

    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    signed = (
        f"host:{host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:{moment}\n"
    )
    wanted = f"{method}\n{path}\n\n{signed}\n{_SIGNED}\nUNSIGNED-PAYLOAD"
    scope = f"{moment[:8]}/us-east-1/s3/aws4_request"
    digest = hashlib.sha256(wanted.encode()).hexdigest()
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].strip().encode()
    for step in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"):
        key = hmac.digest(key, step.encode(), "sha256")
    credential = f"Credential={token}/{scope}"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={_SIGNED},"
        f" Signature={key.hex()}",
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
        "X-Amz-Date": moment,
    }


def _wait(asked: dict[str, str]) -> None:
    if "wait_for" in asked:
        Path(f"{asked['wait_for']}.reached").touch()
    said = 0
    while "wait_for" in asked and not Path(asked["wait_for"]).exists():
        said = _tell(asked, said)
        time.sleep(_LOOK_SECONDS)


def _tell(asked: dict[str, str], said: int) -> int:
    """Print what a file has more than that; return how much it has."""
    path = Path(asked.get("tell", "/nowhere"))
    text = path.read_text() if path.exists() else ""
    if text[said:]:
        print(text[said:], end="", flush=True)
    return len(text)


def _fail(asked: dict[str, str]) -> int:
    if "exit" not in asked or Path(asked.get("unless", "/nowhere")).exists():
        return 0
    if "reason" in asked:
        words = {"reason": asked["reason"], "message": asked.get("say", "")}
        Path(os.environ["TERMINATION_MESSAGE_PATH"]).write_text(json.dumps(words))
    print(asked.get("say", "failing as asked"), flush=True)
    return int(asked["exit"])


def _download() -> dict[str, bytes]:
    """The data: one file, or every .npz in a folder, in the order of their names."""
    bucket, path = os.environ["INPUT_BUCKET"], os.environ["TRAINING_DATA"]
    paths = [path]
    if not path.endswith(".npz"):
        listed = _request(bucket, f"?prefix={path.rstrip('/')}/").decode()
        keys = [each.partition("</Key>")[0] for each in listed.split("<Key>")[1:]]
        paths = sorted(key for key in keys if key.endswith(".npz"))
    return {path: _request(bucket, path) for path in paths}


def _begin(asked: dict[str, str]) -> dict[str, object]:
    """Read the model to begin from, as far as there is one, and say so."""
    bucket = os.environ.get("WARM_START_BUCKET")
    if bucket is None or asked.get("begin") == "anew":
        return {}
    path = os.environ["WARM_START_FILE"]
    begun = _listed(path, _request(bucket, path))
    return {"warmStart": begun | {"bucket": asked.get("begin", bucket)}}


def _compare(asked: dict[str, str]) -> dict[str, bytes]:
    """Say of the held-out images what the data say; read them, and the champion."""
    counts = asked.get("counts")
    if "HELD_OUT_BUCKET" not in os.environ or counts is None:
        return {}
    names = {"heldOut": ("HELD_OUT_BUCKET", "HELD_OUT_DATA")}
    if "CHAMPION_BUCKET" in os.environ:
        names["champion"] = ("CHAMPION_BUCKET", "CHAMPION_MODEL")
        names["championData"] = ("CHAMPION_DATA_BUCKET", "CHAMPION_DATA")
    report: dict[str, object] = {"version": 1}
    for part, (bucket, path) in names.items():
        read = _request(os.environ[bucket], os.environ[path])
        told = _listed(os.environ[path], read) | {"bucket": os.environ[bucket]}
        report[part] = told
    both, lost, won, neither, *leaked = (int(each) for each in counts.split())
    if "champion" not in names:
        both, lost, won, neither = 0, 0, both + won, lost + neither
    report["table"] = {
        "bothRight": both,
        "onlyChampion": lost,
        "onlyChallenger": won,
        "bothWrong": neither,
    }
    seen, before = (*leaked, 0, 0)[:2]
    report["leaked"] = {"challenger": seen, "champion": before}
    return {"report/held_out.json": json.dumps(report).encode()}


def main() -> int:
    """Read, behave, write."""
    read = _download()
    said = [each for each in read.values() if not each.startswith(b"PK")]
    asked = {k: v for each in said for k, v in json.loads(each).items()}
    if "TRACEPARENT" in os.environ:
        print("traceparent", os.environ["TRACEPARENT"], flush=True)
    print("epoch 1/1", flush=True)
    _wait(asked)
    if code := _fail(asked):
        return code
    begun = _begin(asked)
    salt = os.environ.get("TINY_SALT", "")
    accuracy = float(os.environ.get("TINY_ACCURACY", "0.99"))
    model = [b"model of ", *read.values(), salt.encode()]
    files = {
        os.environ["MODEL_FILE"]: b"".join(model),
        "metrics.json": json.dumps({"accuracy": accuracy}).encode(),
    }
    files |= _compare(asked)
    files.pop(asked.get("leave_out", ""), None)
    manifest = {
        "version": 1,
        "input": [_listed(path, content) for path, content in read.items()],
        "files": [_listed(path, content) for path, content in files.items()],
        "metrics": {"accuracy": accuracy},
        "parameters": {"seed": 7} | json.loads(os.environ["TRAINER_PARAMETERS"]),
        "environment": {"salt": salt},
        **begun,
    }
    files["run.json"] = json.dumps(manifest).encode()
    for path, text in asked.get("also", {}).items():
        files[path] = text.encode()
    for path, content in files.items():
        _request(os.environ["OUTPUT_BUCKET"], path, content)
    return 0


def _listed(path: str, content: bytes) -> dict[str, object]:
    digest = hashlib.sha256(content).hexdigest()
    return {"path": f"/{path}", "size": len(content), "sha256": digest}


if __name__ == "__main__":
    sys.exit(main())
