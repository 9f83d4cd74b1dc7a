"""The program called pachctl: hands its words to the test, and says what comes back.

It begins a dozen times in a test, so it imports no more than it must.
"""

import json
import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    asked = {"words": sys.argv[2:], "folder": os.getcwd()}  # noqa: PTH109
    connection.sendall(json.dumps(asked).encode() + b"\n")
    with connection.makefile("rb") as answer:
        told = json.loads(answer.readline())
        sys.stdout.buffer.write(answer.read())
print(told["error"], end="", file=sys.stderr)
sys.exit(1 if told["error"] else 0)
