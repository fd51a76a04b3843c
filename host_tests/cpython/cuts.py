# SPDX-License-Identifier: MIT
"""Power cuts of this machine: at each call that changes a file, and in the middle of a write."""

import os


class PowerCut(BaseException):
    """The supply has gone."""


class Cuts:
    """Cuts the supply in front of system call number `left`, or in the middle of a write."""

    def __init__(self, monkeypatch, left):
        self.calls = 0
        self._left = left
        for name in ("open", "fsync", "replace", "remove"):
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))
        fdopen = os.fdopen
        monkeypatch.setattr(os, "fdopen", lambda *args: _File(self, fdopen(*args)))

    def step(self):
        self.calls += 1
        if self.calls > self._left:
            raise PowerCut

    def _counted(self, call):
        def counted(*args, **more):
            self.step()
            return call(*args, **more)

        return counted


class _File:
    """A file of which the first half may be written alone."""

    def __init__(self, cuts, file):
        self._cuts, self._file = cuts, file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, octets):
        self._file.write(octets[: len(octets) // 2])
        self._file.flush()
        self._cuts.step()
        self._file.write(octets[len(octets) // 2 :])

    def flush(self):
        self._file.flush()

    def fileno(self):
        return self._file.fileno()


def freed():
    """Close the locks that a dead process would not hold any more."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + name).endswith(".lock"):
                os.close(int(name))
        except OSError:
            continue
