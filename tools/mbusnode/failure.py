# SPDX-License-Identifier: MIT
"""The one exception that a person sees as a message, with the exit code that goes with it."""


class Failure(Exception):
    """What went wrong, where, and what to try.  code: 1 the bus or a telegram, 2 the usage."""

    def __init__(self, text: str, code: int = 1):
        super().__init__(text)
        self.code = code
