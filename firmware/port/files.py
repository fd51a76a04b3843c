# SPDX-License-Identifier: MIT
"""Storage slots as small files, for ports with a file system that survives a power cut."""

import os


class Slots:
    """Small files in a directory; a write goes to a new file that takes the old one's name."""

    def __init__(self, where: str):
        self._where = where
        made = ""
        for part in where.split("/"):
            made += part + "/"
            try:
                os.stat(made)
            except OSError:
                os.mkdir(made)

    def _path(self, slot):
        return "%s/settings.%d" % (self._where, slot)

    def load(self, slot: int):
        """The octets of the slot, or None."""
        try:
            with open(self._path(slot), "rb") as f:
                return f.read()
        except OSError:
            return None

    def save(self, slot: int, octets):
        """Replace the slot at once and wholly."""
        fresh = self._path(slot) + ".new"
        with open(fresh, "wb") as f:
            f.write(octets)
        os.rename(fresh, self._path(slot))
