"""The tiny trainer in several pods: they meet by TF_CONFIG, and the chief writes.

Each worker reads the data, behaves as it says, and tells the chief that it is done; the
chief then does what the tiny trainer does alone, and lets the workers go. Whoever loses
another ends with 176, and not at once, as the true trainer does. `fails` in the data
names the one pod that is to end with `exit`: worker-1.
"""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # Isolated, Python leaves it out.

import tiny_trainer

_PEER_LOST = 176
_PATIENCE_SECONDS = 60.0
_AFTER_A_LOSS_SECONDS = 2.0
_LOOK_SECONDS = 0.02
_DONE, _BYE = b"done", b"bye!"


class _LostError(Exception):
    """Another pod ended, or never came."""


def main() -> int:
    """Work as the pod that TF_CONFIG says this is."""
    config = json.loads(os.environ["TF_CONFIG"])
    cluster, task = config["cluster"], config["task"]
    name = f"{task['type']}-{task['index']}"
    chief = "chief" if "chief" in cluster else "worker"
    print(f"{name} of {sum(map(len, cluster.values()))}", flush=True)
    try:
        if name == f"{chief}-0":
            return _lead(cluster[chief][0], sum(map(len, cluster.values())) - 1)
        return _follow(cluster[chief][0], name)
    except (_LostError, OSError) as error:
        words = {"reason": "PeerLost", "message": f"{name} lost another: {error}"}
        Path(os.environ["TERMINATION_MESSAGE_PATH"]).write_text(json.dumps(words))
        time.sleep(_AFTER_A_LOSS_SECONDS)
        return _PEER_LOST


def _lead(address: str, others: int) -> int:
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))) as server:
        server.settimeout(_PATIENCE_SECONDS)
        peers = [server.accept()[0] for _ in range(others)]
        for peer in peers:
            _hear(peer, _DONE)
        code = tiny_trainer.main()
        for peer in peers:
            peer.sendall(_BYE)
    return code


def _follow(address: str, name: str) -> int:
    asked = _read()
    with _call(address) as chief:
        tiny_trainer._wait(asked)
        if asked.get("fails") == name and (code := tiny_trainer._fail(asked)):
            return code
        chief.sendall(_DONE)
        _hear(chief, _BYE)
    return 0


def _read() -> dict[str, Any]:
    bucket, path = os.environ["INPUT_BUCKET"], os.environ["TRAINING_DATA"]
    return dict(json.loads(tiny_trainer._request(bucket, path)))


def _call(address: str) -> socket.socket:
    """Connect to the chief, who may not listen yet."""
    host, _, port = address.partition(":")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return socket.create_connection((host, int(port)), _PATIENCE_SECONDS)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_SECONDS)


def _hear(peer: socket.socket, word: bytes) -> None:
    peer.settimeout(None)
    heard = peer.recv(len(word), socket.MSG_WAITALL)
    if heard != word:
        raise _LostError("it hung up")


if __name__ == "__main__":
    sys.exit(main())
