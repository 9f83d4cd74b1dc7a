"""Plays recorded steps against a server, and says where it answers otherwise."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc

from contract.pfs.clients import S3, Grpc, as_error, to_dict
from contract.pfs.comparison import differences
from contract.pfs.names import Names
from contract.pfs.recording import SCENARIOS, Scenario, Step

__all__ = ["NOT_REPLAYED", "Hooks", "Player", "Special"]

Special = Callable[["Player"], Any]
"""Does what the recording left out; its result stands for the step's response."""


@dataclass(slots=True)
class Hooks:
    """What is done around steps, and what in place of steps that are no calls."""

    before: dict[tuple[int, str], Special] = field(default_factory=dict)
    after: dict[tuple[int, str], Special] = field(default_factory=dict)
    once: dict[tuple[int, str], Special] = field(default_factory=dict)
    looks: dict[tuple[int, str], Special] = field(default_factory=dict)
    """As `once`, but only reading: done again until the answer is as recorded."""


NOT_REPLAYED: dict[tuple[int, str], str] = {}
"""Steps that no run plays, each with the reason."""

_READS = (
    "Inspect",
    "List",
    "Subscribe",
    "Walk",
    "GetFile",
    "get_object",
    "head_",
    "list_",
)
"""Calls that may be made again until what happens by itself has happened."""

_TRANSPORT = ("DEADLINE_EXCEEDED", "UNAVAILABLE")
"""Codes that the client's own library words, each version its own way."""

_FILLING = {
    (6, "put into the open staging head"): b"m",
    (6, "overwrite"): b"M",
    (17, "attempt 1 writes through its commit's bucket"): b"1",
    (18, "40 MB in one PUT"): b"b",
}
_RACES = {(12, "pachd alive?"): "details"}
"""Answers that depend on whether a commit has finished in the meantime."""


class Player:
    """Plays scenarios in order on one server."""

    def __init__(
        self, grpc_client: Grpc, s3: S3, suffix: str, patience: float, hooks: Hooks
    ) -> None:
        self.grpc = grpc_client
        self.s3 = s3
        self.names = Names(suffix)
        self.patience = patience
        self.hooks = hooks
        self.notes: dict[str, Any] = {}
        self.played: set[Step] = set()
        self._results: dict[int, list[str]] = {}

    def play(self, number: int) -> list[str]:
        """Return how the server differs; scenarios it goes on from come first."""
        scenario = SCENARIOS[number]
        if number not in self._results:
            if scenario.after is not None:
                self.play(scenario.after)
            self._results[number] = list(self._play(scenario))
        return self._results[number]

    def _play(self, scenario: Scenario) -> Iterator[str]:
        for step in scenario.steps:
            if step.key in NOT_REPLAYED:
                continue
            try:
                problems = self._step(step)
            except Exception as error:  # noqa: BLE001 - told with the step's name
                problems = [f"{type(error).__name__}: {error}"]
            self.played.add(step)
            yield from (f"{step}: {problem}" for problem in problems)

    def _step(self, step: Step) -> list[str]:
        if step.key in self.hooks.before:
            self.hooks.before[step.key](self)
        if step.key in self.hooks.once:
            actual = _answer(self.hooks.once[step.key](self))
            problems = list(_compared(self.names, step, actual))
        else:
            problems = self._until_equal(step)
        if step.key in self.hooks.after:
            self.hooks.after[step.key](self)
        return problems

    def _until_equal(self, step: Step) -> list[str]:
        """Compare; make a call that only reads again for as long as it differs."""
        deadline = time.monotonic() + 10 * self.patience
        name = step.record.get("rpc") or step.record.get("s3") or ""
        again = name.startswith(_READS) or step.key in self.hooks.looks
        while True:
            names = self.names.copy()
            problems = list(_compared(names, step, self._act(names, step)))
            if not problems or not again or time.monotonic() > deadline:
                self.names.adopt(names)
                return problems
            time.sleep(0.05)

    def _act(self, names: Names, step: Step) -> dict[str, Any]:
        if step.key in self.hooks.looks:
            return _answer(self.hooks.looks[step.key](self))
        if "rpc" in step.record:
            return self._rpc(names, step)
        if "s3" in step.record:
            return self._s3(names, step)
        raise AssertionError("nothing says how to play this step")

    # -- calls -------------------------------------------------------------

    def _rpc(self, names: Names, step: Step) -> dict[str, Any]:
        name = step.record["rpc"]
        request = names.request(step.record["request"])
        expected = step.record.get("error", {}).get("code")
        timeout = self.patience if expected == "DEADLINE_EXCEEDED" else 60
        if isinstance(step.record.get("response"), list):
            return self._stream(name, request, step, timeout)
        try:
            return {"response": self.grpc.call(name, request, timeout)}
        except grpc.RpcError as error:
            return {"error": _worded(as_error(error))}

    def _stream(
        self, name: str, request: Any, step: Step, timeout: float
    ) -> dict[str, Any]:
        """Take as many messages as were recorded; then the end, where it ended."""
        endless = name == "SubscribeCommit" and "error" not in step.record
        wanted = len(step.record["response"]) if endless else None
        call = self.grpc.stream(name, request, timeout)
        answer: dict[str, Any] = {"response": []}
        try:
            for message in call:
                answer["response"].append(to_dict(message))
                if len(answer["response"]) == wanted:
                    break
        except grpc.RpcError as error:
            answer["error"] = _worded(as_error(error))
        call.cancel()
        return answer

    def _s3(self, names: Names, step: Step) -> dict[str, Any]:
        request = {
            key: self._argument(names, step, key, value)
            for key, value in step.record["request"].items()
        }
        answer = self.s3.call(step.record["s3"], request)
        if "headers" in answer:
            wanted = _expected(step)["headers"]
            found = {k: v for k, v in answer["headers"].items() if k in wanted}
            answer["headers"] = found
        if step.record["s3"] == "list_buckets":
            mine = answer["response"]["Buckets"]
            answer["response"]["Buckets"] = [
                bucket for bucket in mine if names.suffix in bucket["Name"]
            ]
        if step.record["s3"] == "upload_part":
            part = {"PartNumber": request["PartNumber"]}
            part["ETag"] = answer["response"]["ETag"]
            self.notes.setdefault("parts", []).append(part)
        return answer

    def _argument(self, names: Names, step: Step, key: str, value: Any) -> Any:
        if key == "Bucket":
            return names.bucket(value)
        if key == "CopySource":
            bucket, _, path = value.partition("/")
            return f"{names.bucket(bucket)}/{path}"
        if key == "Body":
            size = int(value.strip("<>").split()[0])
            return _FILLING.get(step.key, b"x") * size
        if key == "MultipartUpload":
            return {"Parts": self.notes["parts"]}
        return names.request(value)


def _answer(result: Any) -> dict[str, Any]:
    """Return what a hook found in the shape of a recorded answer."""
    if isinstance(result, grpc.RpcError):
        return {"error": _worded(as_error(result))}
    return {} if result is None else {"response": result}


def _compared(names: Names, step: Step, actual: Any) -> Iterator[str]:
    expected, actual = _expected(step), names.plain(actual)
    if step.key in _RACES:
        for answer in (expected, actual):
            answer["response"].pop(_RACES[step.key])
    yield from differences(names, expected, actual, "answer")


def _expected(step: Step) -> Any:
    """Return what of a step can be compared."""
    kept = ("response", "error", "status", "headers", "body", "body_len")
    answer = {key: step.record[key] for key in kept if key in step.record}
    answer = json.loads(json.dumps(answer))
    if "exception" in answer.get("error", {}):
        del answer["error"]["message"]
    if "delivered" in step.record or "new" in step.record:
        answer["response"] = step.record.get("delivered", step.record.get("new"))
    if "s3" not in step.record and "error" in answer:
        answer["error"] = _worded(answer["error"])
    headers = dict(answer.get("headers", {}))
    if headers.get("content-type") == "application/xml":
        headers.pop("content-length", None)  # It grows with the repo's name.
    if "headers" in answer:
        answer["headers"] = headers
    return answer


def _worded(error: dict[str, str]) -> dict[str, str]:
    if error["code"] in _TRANSPORT:
        return {"code": error["code"]}
    return dict(error)
