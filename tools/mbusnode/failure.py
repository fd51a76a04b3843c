# SPDX-License-Identifier: MIT
"""The one exception that a person sees as a message, with the exit code that goes with it."""

import re

# What stands between the digits of a key, however it is written.
_MARKS = re.compile(r"0x|\\x|[\s:,;._-]")
_DIGITS_AT_LEAST = 20  # a secondary address has 16
_DIGITS_AT_MOST = 8  # of a piece of a key that is several words
_HIDDEN = "(not repeated)"


class Failure(Exception):
    """What went wrong, where, and what to try.  code: 1 the bus or a telegram, 2 the usage."""

    def __init__(self, text: str, code: int = 1):
        super().__init__(text)
        self.code = code


def unrepeated(text: str, typed) -> str:
    """The text without what may be a key, or most of one, of the words typed or of a file.

    That is a word of 20 hexadecimal digits or more, or several of up to 8 with as many together.
    """
    pieces = []
    for word in (*typed, "", *text.split()):
        digits = _MARKS.sub("", word)
        if max(map(len, re.findall("[0-9A-Fa-f]+", digits)), default=0) >= _DIGITS_AT_LEAST:
            value = word.partition("=")[2] if word.startswith("-") else word
            for form in (value or word, repr(value or word)[1:-1]):
                text = re.sub(re.escape(form), _HIDDEN, text, flags=re.I)
        if len(digits) <= _DIGITS_AT_MOST and re.fullmatch("([0-9A-Fa-f]{2})+", digits):
            pieces.append(word)
            continue
        text = _without(text, pieces)
        pieces = []
    return _without(text, pieces)


def _without(text, pieces):
    """The text without these words, if they are a key together."""
    together = _MARKS.sub("", "".join(pieces))
    if len(together) < _DIGITS_AT_LEAST or together.isdecimal():
        return text
    for piece in pieces:
        text = re.sub(r"(?<!\w)%s(?!\w)" % re.escape(piece), _HIDDEN, text)
    return text
