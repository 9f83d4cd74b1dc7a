"""Ports that stay one's own, also while nobody listens on them.

Whoever asks the kernel for any port may get the one that a server left a moment ago,
or that was found to be free. With a dozen such requests a second on one machine that
is rare, and a server that cannot come back to its port is what it looks like.
"""

import socket
import weakref

__all__ = ["HeldPort"]


class HeldPort:
    """A port that the kernel gives to nobody else until it is let go.

    It is bound here and nobody listens, so connections are refused as on any free
    port. Who is to listen there has to say SO_REUSEADDR, as servers do.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, 0))
        self.number: int = held.getsockname()[1]
        self._let_go = weakref.finalize(self, held.close)

    def let_go(self) -> None:
        """Anybody may have it. It is let go, too, with the last who knows of it."""
        self._let_go()
