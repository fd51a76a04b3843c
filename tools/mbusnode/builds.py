# SPDX-License-Identifier: MIT
"""What `make dist` has built for a board, and whether and how that gets on one."""

import hashlib
import json
from collections import namedtuple
from pathlib import Path

from mbusnode.failure import Failure

MAIN = "main.py"
MPY_VERSION = 6
OLDEST = {"RPI": (1, 25), "ESP32": (1, 26)}  # by the front of the name of the image

_BLOCK = 4096
_SPARE = 8  # blocks of the file system: what its folders take

# files {path below the folder of the firmware: octets}, root {name: octets}, settings its name
Build = namedtuple("Build", "board role image files root settings")
# What is done to a folder: paths in it.
Plan = namedtuple("Plan", "remove copy send keep")


def load(into: Path, board: str) -> Build:
    """What make dist has built for a board; Failure where that is not there or not whole."""
    again = "do `make dist BOARD=%s`" % board
    listed = into / (board + ".package.json")
    try:
        package = json.loads(listed.read_text(encoding="utf-8"))
        device, names = package["device"], [name for name, _ in package["urls"]]
        octets = {name: (into / board / name).read_bytes() for name in names}
        role, image, settings = device["role"], device["image"], device["settings"]
    except OSError as e:
        raise Failure("%s: %s: %s" % (e.filename, e.strerror, again), 2) from None
    except (ValueError, KeyError, TypeError):
        raise Failure("%s is not what make dist makes: %s" % (listed, again), 2) from None
    there = {p.relative_to(into / board).as_posix() for p in (into / board).rglob("*.*")}
    if there - {"active"} != set(names) - {"active"}:
        raise Failure("%s and the folder beside it differ: %s" % (listed, again), 2)
    files = {name[2:]: octets[name] for name in names if name.startswith("a/")}
    root = {name: octets[name] for name in (MAIN, settings)}
    return Build(board, role, image, files, root, settings)


def about(device) -> tuple:
    """What a board says that it is: (name, version, machine, version of .mpy, image)."""
    return device.value(
        "(lambda i:(i.name,i.version[:3],getattr(i,'_machine',''),getattr(i,'_mpy',0),"
        "getattr(i,'_build','')))(sys.implementation)"
    )


def described(found) -> str:
    """The same in words."""
    _, version, machine, _, image = found
    return "%s, MicroPython %s, image %s" % (machine, ".".join(map(str, version)), image or "?")


def check(device, build: Build) -> str:
    """What the board is, in words; Failure where the build is not for it."""
    name, version, _, mpy, image = found = about(device)
    words = described(found)
    oldest = OLDEST[build.image.split("_", maxsplit=1)[0]]
    if name != "micropython" or tuple(version[:2]) < oldest:
        raise Failure(
            "this is %s: MicroPython %d.%d or newer is needed, image %s of micropython.org"
            % (words, *oldest, build.image)
        )
    if image.split("-")[0] != build.image:
        raise Failure(
            "this is %s; what was built for %s needs the image %s: the wrong board, or the "
            "wrong --board" % (words, build.board, build.image)
        )
    if mpy & 0xFF != MPY_VERSION:
        raise Failure(
            "this is %s, which loads .mpy files of version %d; these are of version %d"
            % (words, mpy & 0xFF, MPY_VERSION)
        )
    return words


def digest(octets) -> str:
    """The SHA-256 that a board tells of a file."""
    return hashlib.sha256(octets).hexdigest()


def planned(files: dict, new: str, there: dict, old: str, same: dict) -> Plan:
    """What has to be done to folder new, where `there` is, for it to hold files and no more.

    there, same: {path: (size, hash)} of folders new and old, as Device.files() tells.
    """
    wanted = {new + "/" + name for name in files}
    folders = {path.rsplit("/", n)[0] for path in wanted for n in range(1, path.count("/") + 1)}
    remove = [p for p, (size, _) in there.items() if p not in (folders if size < 0 else wanted)]
    copy, send, keep = [], [], []
    for name, octets in files.items():
        mark = len(octets), digest(octets)
        if there.get(new + "/" + name) == mark:
            keep.append(name)
        elif same.get(old + "/" + name) == mark:
            copy.append(name)
        else:
            send.append(name)
    # What lies in a folder goes before it.
    return Plan(sorted(remove, reverse=True), copy, send, keep)


def blocks(size: int) -> int:
    """Blocks that a file of this size takes, at most; a folder has size -1."""
    return 2 if size < 0 else -(-max(size, 1) // _BLOCK)


def fits(device, build: Build, there: dict, plan: Plan):
    """Failure where the flash has no room for what is planned."""
    size, _, _, free = device.value("tuple(os.statvfs('/')[:4])")
    room = size * free // _BLOCK
    fresh = plan.copy + plan.send
    gone = plan.remove + [p for p in there if p.partition("/")[2] in fresh]
    room += sum(blocks(there[path][0]) for path in gone)
    need = sum(blocks(len(build.files[name])) for name in fresh) + _SPARE
    if need > room:
        raise Failure(
            "no room on the board: %d kB are needed beside the firmware that runs, %d kB are "
            "free.  Nothing was changed.  Remove files that are not needed, or replace the "
            "old firmware by the new one with --replace: if that is cut, the board has none "
            "until it is done again" % (need * _BLOCK // 1024, room * _BLOCK // 1024)
        )
