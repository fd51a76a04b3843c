# SPDX-License-Identifier: MIT
"""Tables of words by code, kept as one text and searched where it lies.

A text takes a quarter of the memory of tuples or a dict, and none at all where it is frozen.
"""

from array import array


class Table:
    """Rows of text that begin with a code of two hexadecimal digits, in rising order."""

    def __init__(self, text):
        self._text = text
        at, starts, codes = 0, array("H"), bytearray()
        while at < len(text):
            starts.append(at)
            codes.append(int(text[at : at + 2], 16))
            at = text.find("\n", at) + 1
        self._starts, self._codes = starts, codes

    def at_or_before(self, code: int):
        """(code of the row, the row behind its code): the last row that is not above code."""
        low, high = 0, len(self._codes)
        while high - low > 1:
            middle = (low + high) // 2
            if self._codes[middle] <= code:
                low = middle
            else:
                high = middle
        at = self._starts[low] + 3
        return self._codes[low], self._text[at : self._text.find("\n", at)]

    def exact(self, code: int):
        """The row of this very code behind its code, or None."""
        first, row = self.at_or_before(code)
        return row if first == code else None
