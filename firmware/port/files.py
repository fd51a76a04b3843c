# SPDX-License-Identifier: MIT
"""Storage slots as small files."""

import os


class Slots:
    """Small files in a directory.

    in_place: whether closing a file that was written anew is atomic, as under littlefs, where
    a new file and its renaming cost three times as much flash.
    """

    def __init__(self, where: str, in_place: bool = False):
        self._where = where
        self._in_place = in_place
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
        """The octets of the slot; None if there is no file; none of a file that was only begun."""
        try:
            with open(self._path(slot), "rb") as f:
                return f.read()
        except OSError:
            return None

    def save(self, slot: int, octets):
        """Replace the slot at once and wholly."""
        path = self._path(slot)
        fresh = path if self._in_place else path + ".new"
        with open(fresh, "wb") as f:
            f.write(octets)
        if not self._in_place:
            os.rename(fresh, path)

    def forget(self):
        """Remove all slots, as a factory reset does."""
        for name in os.listdir(self._where):
            if name.startswith("settings."):
                os.remove("%s/%s" % (self._where, name))
