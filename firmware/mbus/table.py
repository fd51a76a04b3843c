# SPDX-License-Identifier: MIT
"""Tables of words by code, kept as one run of octets and read where it lies.

The octets take a quarter of the memory of tuples or a dict, and none at all where they are
frozen.  They are no text: in a text MicroPython counts to a place from the beginning, and it
looks for each piece among all the names that it knows.
"""

from array import array


class Table:
    """Rows in UTF-8 that begin with a code of two hexadecimal digits, in rising order."""

    def __init__(self, octets):
        self._octets = octets
        at, starts, codes, rows = 0, array("H"), bytearray(), bytearray()
        while at < len(octets):
            code = int(octets[at : at + 2], 16)
            while len(rows) < code:
                rows.append(max(len(codes) - 1, 0))
            starts.append(at + 3)
            codes.append(code)
            at = octets.find(b"\n", at) + 1
        rows.append(len(codes) - 1)
        starts.append(at + 3)  # the end of the last row
        self._starts = starts
        # The code of each row, and the row of each code up to the last one.  As bytes they take
        # no more than is in them.
        self._codes, self._rows = bytes(codes), bytes(rows)

    def at_or_before(self, code: int):
        """(code of the row, octets behind its code): the last row that is not above code."""
        rows = self._rows
        row = rows[code if code < len(rows) else -1]
        return self._codes[row], self._octets[self._starts[row] : self._starts[row + 1] - 4]

    def exact(self, code: int):
        """The text of the row of this very code, or None."""
        row = self.octets(code)
        return None if row is None else row.decode()

    def octets(self, code: int):
        """The same as octets."""
        first, row = self.at_or_before(code)
        return row if first == code else None
