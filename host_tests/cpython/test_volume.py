# SPDX-License-Identifier: MIT
"""The boot code of frozen builds on MicroPython's littlefs: what it mounts, what it leaves alone.

A PC's MicroPython has files at / already, so the volume is mounted at another place here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from importgraph import ROOT

MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)
pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")

# Flash in RAM that tells of each erasing, and can go wrong for a while.
PRELUDE = """
import os, vfs
import volume

class Flash:
    def __init__(self, blocks, image=b""):
        self.image = bytearray(image) + b"\\xff" * (blocks * 4096 - len(image))
        self.blocks, self.erased, self.written, self.failing = blocks, 0, 0, 0
    def readblocks(self, n, buf, offset=0):
        at = n * 4096 + offset
        if self.failing:
            self.failing -= 1
            return -5
        if at + len(buf) > len(self.image):
            return -5
        buf[:] = self.image[at:at + len(buf)]
        return 0
    def writeblocks(self, n, buf, offset=0):
        at = n * 4096 + offset
        self.image[at:at + len(buf)] = buf
        self.written += 1
        return 0
    def ioctl(self, op, arg):
        if op == 4:
            return self.blocks
        if op == 5:
            return 4096
        if op == 6:
            self.image[arg * 4096:arg * 4096 + 4096] = b"\\xff" * 4096
            self.erased += 1
        return 0

mount_root = vfs.mount
class Vfs:
    VfsLfs2 = vfs.VfsLfs2
    def mount(self, fs, where, readonly):
        mount_root(fs, "/disk", readonly=readonly)
volume.vfs = Vfs()

def made(blocks):
    flash = Flash(blocks)
    vfs.VfsLfs2.mkfs(flash, progsize=256)
    fs = vfs.VfsLfs2(flash, progsize=256)
    with fs.open("count", "w") as f:
        f.write("42")
    flash.erased = flash.written = 0
    return flash

def count():
    with open("/disk/count") as f:
        return f.read()

def writable():
    try:
        with open("/disk/new", "w") as f:
            f.write("1")
        return True
    except OSError:
        return False
"""


def said(code):
    """The lines that a program prints."""
    done = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=2m", "-c", PRELUDE + code],
        env=dict(os.environ, MICROPYPATH="%s:.frozen" % (ROOT / "boards/frozen")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_a_sound_volume_is_mounted_and_nothing_written():
    code = "f = made(64); print(volume.mount(f, 256), f.erased + f.written, count(), writable())"
    assert said(code) == ["True 0 42 True"]


def test_a_blank_flash_gets_a_file_system():
    assert said("f = Flash(64); print(volume.mount(f, 256), f.erased > 0, writable())") == [
        "True True True"
    ]


def test_a_flash_that_does_not_answer_at_once_is_tried_again():
    code = (
        "f = made(64); f.failing = 2; print(volume.mount(f, 256), f.erased + f.written, count())"
    )
    assert said(code) == ["True 0 42"]


@pytest.mark.parametrize(("at", "n"), [(0, 8192), (63 * 4096, 1)])
def test_what_cannot_be_mounted_and_is_not_blank_is_left_alone(at, n):
    code = """
f = Flash(64)
f.image[%d:%d] = b"\\x5a" * %d
before = bytes(f.image)
print(volume.mount(f, 256), f.erased + f.written, before == f.image)
"""
    assert said(code % (at, at + n, n)) == [
        "file system cannot be mounted; it is left as it is",
        "False 0 True",
    ]


def test_a_volume_of_a_smaller_image_is_mounted_in_its_own_size():
    code = """
small = made(48)
f = Flash(64, small.image)
print(volume.mount(f, 256), f.erased + f.written, count(), writable())
print(os.statvfs("/disk")[2])
"""
    assert said(code) == ["file system of 48 blocks on 64", "True 0 42 True", "48"]


def test_a_volume_of_a_larger_image_can_be_read_and_is_not_changed():
    code = """
large = made(64)
f = Flash(48, large.image[:48 * 4096])
print(volume.mount(f, 256), count(), writable(), f.erased + f.written)
"""
    assert said(code) == ["file system of 64 blocks on 48, read only", "True 42 False 0"]
