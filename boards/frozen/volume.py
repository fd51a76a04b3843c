# SPDX-License-Identifier: MIT
"""The file system of a frozen build: mounted, tried again, or read only; never formatted anew.

Only a flash that is blank from end to end gets a new file system.  A file system that was made
for another size, as by an image with more or less room for files, is mounted in its own size.
"""

import time

import vfs

from micropython import const

_TRIES = const(3)
_PAUSE_MS = const(100)
_BLOCKS, _BLOCK_SIZE = const(4), const(5)  # numbers of ioctl()
_EROFS = const(30)
# Of a superblock: its magic, and where its block count is.
_MAGIC, _MAGIC_AT = b"littlefs", const(8)
_COUNT_AT = const(28)


class Window:
    """A block device that shows its first blocks, to be read alone or written, too."""

    def __init__(self, device, blocks: int, writable: bool):
        self._device, self._blocks, self._writable = device, blocks, writable
        self.readblocks = device.readblocks

    def writeblocks(self, *where):
        """As the device does, or refuse it."""
        return self._device.writeblocks(*where) if self._writable else -_EROFS

    def ioctl(self, op, arg):
        """As the device does, but for what the window changes."""
        if op == _BLOCKS:
            return self._blocks
        if op == 6 and not self._writable:  # erase
            return -_EROFS
        return self._device.ioctl(op, arg)


def mount(device, progsize: int) -> bool:
    """Mount the file system at /; tells what was wrong.  False where there is none now."""
    for _ in range(_TRIES):
        if _mounted(device, progsize, False):
            return True
        time.sleep_ms(_PAUSE_MS)
    if _blank(device):
        vfs.VfsLfs2.mkfs(device, progsize=progsize)
        return _mounted(device, progsize, False)
    blocks = device.ioctl(_BLOCKS, 0)
    for count in _counts(device):
        # What lies behind the end of the flash cannot be read, and the rest not be changed.
        beyond = count > blocks
        if _mounted(Window(device, count, not beyond), progsize, beyond):
            print("file system of %d blocks on %d%s" % (count, blocks, ", read only" * beyond))
            return True
    print("file system cannot be mounted; it is left as it is")
    return False


def _mounted(device, progsize, readonly):
    try:
        vfs.mount(vfs.VfsLfs2(device, progsize=progsize), "/", readonly=readonly)
    except OSError:
        return False
    return True


def _blank(device):
    block = bytearray(device.ioctl(_BLOCK_SIZE, 0))
    erased = b"\xff" * len(block)
    for number in range(device.ioctl(_BLOCKS, 0)):
        device.readblocks(number, block)
        if block != erased:
            return False
    return True


def _counts(device):
    """The block counts that the two superblocks tell."""
    head = bytearray(_COUNT_AT + 4)
    for number in (0, 1):
        device.readblocks(number, head, 0)
        if head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC:
            yield int.from_bytes(head[_COUNT_AT:], "little")
