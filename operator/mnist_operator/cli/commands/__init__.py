"""What mnistctl can be asked: one module for each command, with its help.

Each is read when its command is, or when all of them are listed, so none imports
what takes time; the answer's module is imported when it is asked.
"""

__all__: list[str] = []
