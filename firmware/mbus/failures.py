# SPDX-License-Identifier: MIT
"""How a master's procedure fails, in words for people."""

from binascii import hexlify

from .header import secondary_text


class MasterError(Exception):
    """A procedure failed; the text says what, where and what to try."""


class NoAnswerError(MasterError):
    """Silence, after every repetition."""


class DamagedError(MasterError):
    """Something answered, and no answer was sound."""


class AnswerError(MasterError):
    """A sound answer that says no, or is not an answer to the question."""


def place(address) -> str:
    """An address as people know it, for messages."""
    if isinstance(address, int):
        return "address %d" % address
    text = "secondary address " + secondary_text(address)
    return text if len(address) == 8 else text + "+" + hexlify(address[8:]).decode().upper()
