"""The two clients of the recording: generated stubs, and boto3."""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import boto3
import botocore.exceptions
import grpc
from botocore.config import Config
from google.protobuf import json_format
from python_pachyderm.proto.v2.pfs import pfs_pb2 as pb
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc

__all__ = ["S3", "Background", "Grpc", "as_error", "to_dict", "tolerantly"]

_LARGEST = 64 << 20
_OPTIONS = [
    ("grpc.max_receive_message_length", _LARGEST),
    ("grpc.max_send_message_length", _LARGEST),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
]
_PIECE = 1 << 20


def as_error(error: grpc.RpcError) -> dict[str, str]:
    return {"code": error.code().name, "details": error.details()}


def to_dict(message: Any) -> Any:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


class Grpc:
    """Calls by name, with requests and answers as plain values."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address, options=_OPTIONS)
        self.stub = pfs_pb2_grpc.APIStub(self.channel)

    def close(self) -> None:
        self.channel.close()

    def call(self, name: str, request: Any, timeout: float = 60) -> Any:
        """Return the answer to a call that is not a stream of answers."""
        message = _message(name, request)
        return to_dict(getattr(self.stub, name)(message, timeout=timeout))

    def stream(self, name: str, request: Any, timeout: float = 60) -> Any:
        """Return the running call of a stream of answers."""
        return getattr(self.stub, name)(_message(name, request), timeout=timeout)

    # -- what scenarios are prepared with ----------------------------------

    def create_repo(self, repo: str) -> None:
        self.call("CreateRepo", {"repo": _repo(repo)})

    def head(self, repo: str, branch: str) -> str:
        request = {"branch": {"repo": _repo(repo), "name": branch}}
        return self.call("InspectBranch", request)["head"]["id"]

    def start(self, repo: str, branch: str, description: str = "") -> str:
        request = {
            "branch": {"repo": _repo(repo), "name": branch},
            "description": description,
        }
        return self.call("StartCommit", request)["id"]

    def finish(self, repo: str, commit: str, *, wait: bool = True) -> None:
        self.call("FinishCommit", {"commit": _commit(repo, commit)})
        if wait:
            self.wait(repo, commit)

    def wait(self, repo: str, commit: str, timeout: float = 60) -> None:
        request = {"commit": _commit(repo, commit), "wait": "FINISHED"}
        self.call("InspectCommit", request, timeout)

    def put(self, repo: str, commit: str, files: dict[str, bytes]) -> None:
        changes = [
            pb.ModifyFileRequest(add_file={"path": path, "raw": {"value": piece}})
            for path, data in files.items()
            for piece in _pieces(data)
        ]
        target = json_format.ParseDict(_commit(repo, commit), pb.Commit())
        first = pb.ModifyFileRequest(set_commit=target)
        self.stub.ModifyFile(iter([first, *changes]), timeout=60)

    def push(
        self, repo: str, branch: str, files: dict[str, bytes], description: str = ""
    ) -> str:
        """Make a whole commit and wait until it has finished."""
        commit = self.start(repo, branch, description)
        self.put(repo, commit, files)
        self.finish(repo, commit)
        return commit

    def files(self, repo: str, commit: str) -> list[list[Any]]:
        """Return path and size of every file of a commit."""
        request = {"file": {"commit": _commit(repo, commit), "path": "/"}}
        found = [to_dict(each) for each in self.stream("WalkFile", request)]
        return [
            [each["file"]["path"], int(each.get("size_bytes", 0))]
            for each in found
            if each["file_type"] == "FILE"
        ]


class Background:
    """A subscription that listens while other calls are made."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self.delivered: list[tuple[float, Any]] = []
        self.error: dict[str, str] | None = None
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for message in self._call:
                self._note((time.monotonic(), to_dict(message)))
        except grpc.RpcError as error:
            with self._news:
                self.error = as_error(error)
                self._news.notify_all()

    def _note(self, event: tuple[float, Any]) -> None:
        with self._news:
            self.delivered.append(event)
            self._news.notify_all()

    def wait_for(self, number: int, timeout: float = 60) -> list[Any]:
        """Return what was delivered, once it is so many."""
        self._wait(lambda: len(self.delivered) >= number, timeout)
        return [message for _, message in self.delivered]

    def wait_for_end(self, timeout: float = 60) -> dict[str, str] | None:
        """Return the error with which the subscription ended."""
        self._wait(lambda: self.error is not None, timeout)
        return self.error

    def stop(self) -> None:
        self._call.cancel()
        self._thread.join(timeout=10)

    def _wait(self, reached: Callable[[], bool], timeout: float) -> None:
        with self._news:
            self._news.wait_for(lambda: reached() or self.error is not None, timeout)


class S3:
    """boto3 as it has to be set up for Pachyderm."""

    def __init__(self, endpoint: str, key: str = "anybody", secret: str = "") -> None:
        self.client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint if "//" in endpoint else f"http://{endpoint}",
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret or key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                retries={"max_attempts": 0},
            ),
        )

    def call(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return what the recording keeps of an answer, or of a refusal."""
        try:
            response = getattr(self.client, name)(**request)
        except botocore.exceptions.ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            known = error.response["Error"]
            return {
                "error": {
                    "status": status,
                    "code": known["Code"],
                    "message": known["Message"],
                }
            }
        except botocore.exceptions.EndpointConnectionError as error:
            return {"error": {"exception": type(error).__name__}}
        metadata = response.pop("ResponseMetadata")
        answer = {
            "status": metadata["HTTPStatusCode"],
            "headers": metadata["HTTPHeaders"],
            "response": response,
        }
        if name == "get_object":
            body = response.pop("Body").read()
            answer["body"] = body[:80].decode("latin-1")
            answer["body_len"] = len(body)
        return answer


def _message(name: str, request: Any) -> Any:
    kind = pb.DESCRIPTOR.services_by_name["API"].methods_by_name[name].input_type
    made = getattr(pb, kind.name)
    if isinstance(request, list):
        return iter([json_format.ParseDict(each, made()) for each in request])
    return json_format.ParseDict(request, made())


def _pieces(data: bytes) -> Iterable[bytes]:
    return [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)] or [b""]


def _repo(name: str) -> dict[str, Any]:
    return {"name": name, "type": "user", "project": {"name": "default"}}


def _commit(repo: str, identity: str) -> dict[str, Any]:
    return {"repo": _repo(repo), "id": identity}


def tolerantly(act: Callable[[], object]) -> None:
    """Clean up; what is gone already is no trouble."""
    with suppress(grpc.RpcError):
        act()
