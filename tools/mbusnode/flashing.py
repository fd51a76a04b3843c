# SPDX-License-Identifier: MIT
"""`mbus flash`: put what `make dist` has built on a board, so that something whole always runs.

A device starts the firmware in folder a or b, as its file `active` says (boards/main.py).  The
one that does not run is filled, from the other one where a file is the same, and checked by
hashes read back; then `active` is renamed into place.  Whatever ends it before leaves the old
firmware, whatever ends it later the new one.
"""

from pathlib import Path

from mbusnode import repl
from mbusnode.builds import MAIN, Build, Plan, check, digest, fits, load, planned
from mbusnode.failure import Failure

ACTIVE = "active"
ALIVE_S = 60

_SYNC = "if hasattr(os,'sync'):os.sync()"
_ALIVE = "alive ", "{"  # a module; a reader tells of a meter
_WARNINGS = "configuration ", "warning:"
_NOT_ALIVE = ("Traceback", "firmware in folder", "error:")

_EXAMPLES = """\
examples:
  make dist BOARD=pico
  mbus flash --board pico --port /dev/ttyACM0
  mbus flash --board pico --port /dev/ttyACM0 --config    its settings too
`make flash BOARD=pico PORT=/dev/ttyACM0` does both.

What was counted and set over the bus stays, and so do the settings on the board, unless
--config says otherwise.  The meter does not count while its firmware is put there.
"""


def add_parser(subparsers, shared):
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "flash",
        help="put the firmware on a board, or a newer one",
        description="Put what `make dist` has built on a board, by its USB or serial port.",
        epilog=_EXAMPLES,
        formatter_class=shared.formatter,
    )
    parser.add_argument("--board", metavar="NAME", required=True, help="as BOARD= of make dist")
    parser.add_argument("--port", metavar="PORT", required=True, help="/dev/ttyACM0, COM3, ...")
    parser.add_argument(
        "--build", metavar="DIR", default="build", help="where make dist builds; default: build"
    )
    parser.add_argument("--config", action="store_true", help="replace the settings there too")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="where there is no room for two: remove the old firmware first; if that is cut, "
        "the board has none until it is done again",
    )
    parser.set_defaults(run=run)


def run(args) -> int:
    """Put it there."""
    build = load(Path(args.build), args.board)
    device = repl.Device(args.port)
    try:
        flash(device, build, args.config, args.replace)
    finally:
        device.close()
    return 0


def told(text: str):
    """Progress, for people."""
    print(text, flush=True)


def flash(device, build: Build, config=False, replace=False, tell=told, alive_s=ALIVE_S):
    """All of it; returns the line with which the program says that it is alive."""
    tell("stopping what runs on the board")
    device.stop()
    tell(check(device, build))
    old, present = running(device), {path: device.files(path) for path in "ab"}
    # Where nothing runs there is nothing to be kept.
    new = old if replace or not present[old] else other(old)
    there = {**present["a"], **present["b"]} if replace else present[new]
    plan = planned(build.files, new, there, old, present[old] if new != old else {})
    tell(summary(build, new, plan))
    fits(device, build, there, plan)
    try:
        fill(device, build, new, old, there, plan, tell)
        verify(device, build, new)
        tell("all of it is there, and checked")
        names = _stage(device, build, config)
        switch(device, new, names)
    except repl.RemoteError as e:
        raise Failure(_refused(str(e), replace)) from None
    tell("folder %s counts now; starting it" % new)
    line, said = device.restart(_ALIVE, alive_s)
    if line is None or any(words in said for words in _NOT_ALIVE):
        _go_back(device, old if new != old else None, names, said, alive_s)
    for warning in said.splitlines():
        if warning.startswith(_WARNINGS):
            tell(warning)
    tell(line)
    return line


def summary(build: Build, folder: str, plan: Plan) -> str:
    """What is going to be done, for people."""
    octets = sum(len(build.files[name]) for name in plan.send)
    return (
        "folder %s: %d files the same, %d copied on the board, %d sent (%d octets), %d removed"
        % (
            folder,
            len(plan.keep),
            len(plan.copy),
            len(plan.send),
            octets,
            len(plan.remove),
        )
    )


def _refused(error, replaces):
    words = "the board refuses: %s" % error
    if "28" in error or "ENOSPC" in error:
        words = "the flash of the board is full"
    return words + ("" if replaces else "; the firmware it had is unchanged")


def other(folder: str) -> str:
    """The other one of the two."""
    return "b" if folder == "a" else "a"


def running(device) -> str:
    """The folder whose firmware was running, else the one that is to be started."""
    first = device.value("sys.path[0]")
    if first in ("a", "b"):
        return first
    return "b" if device.exists(ACTIVE) and device.read(ACTIVE)[:1] == b"b" else "a"


def fill(device, build: Build, new: str, old: str, there: dict, plan: Plan, tell=told):
    """Do what is planned to folder new."""
    for path in plan.remove:
        device.run("os.%s(%r)" % ("rmdir" if there[path][0] < 0 else "remove", path))
    made = {path for path, (size, _) in there.items() if size < 0}
    if device.exists(new):
        made.add(new)
    for name in plan.copy + plan.send:
        path = new + "/" + name
        for n in range(path.count("/"), 0, -1):
            folder = path.rsplit("/", n)[0]
            if folder not in made:
                device.run("os.mkdir(%r)" % folder)
                made.add(folder)
        if name in plan.send:
            tell("  %s, %d octets" % (name, len(build.files[name])))
            device.write(path, build.files[name])
        else:
            device.run("_c(%r,%r)" % (old + "/" + name, path))


def verify(device, build: Build, new: str):
    """Failure where folder new does not hold just the files of the build."""
    found = {path: mark for path, mark in device.files(new).items() if mark[0] >= 0}
    wanted = {new + "/" + n: (len(o), digest(o)) for n, o in build.files.items()}
    wrong = sorted(path for path in {*found, *wanted} if found.get(path) != wanted.get(path))
    if wrong:
        raise Failure(
            "%s on the board is not what was sent; the firmware it had is unchanged.  Try "
            "again; if it stays so, the flash is worn" % ", ".join(wrong)
        )


def _stage(device, build, config):
    """Write what is to be renamed beside it, and check that; the names."""
    names = []
    for name, octets in build.root.items():
        there = device.digest(name)
        if there == digest(octets) or (there and name == build.settings and not config):
            continue
        device.write(name + ".new", octets)
        if device.digest(name + ".new") != digest(octets):
            raise Failure("%s on the board is not what was sent; nothing has changed" % name)
        names.append(name)
    return names


def switch(device, new: str, names: list):
    """Let folder new count, and files NAME.new, by renaming one behind the other.

    First main.py, which starts either firmware; then `active`; the settings last, for the new
    firmware runs with the old ones as it does without --config, and not the other way round.
    Settings that were not there come first: without them no firmware counts.
    """
    device.write(ACTIVE + ".new", new.encode())
    missing = [name for name in names if not device.exists(name)]
    lines = ["_c(%r,%r)" % (name, name + ".old") for name in names if name not in missing]
    device.run("\n".join(lines))
    first = [name for name in names if name in missing or name == MAIN]
    order = [*first, ACTIVE, *(name for name in names if name not in first)]
    lines = ["os.rename(%r,%r)" % (name + ".new", name) for name in order]
    device.run("\n".join([*lines, _SYNC]))


def _go_back(device, old, names, said, alive_s):
    """The new firmware does not come up: let the old one run again, and tell."""
    tail = "\n  ".join(said.strip().splitlines()[-8:])
    words = "the new firmware did not say that it is alive"
    words += "; it said:\n  %s\n" % tail if tail else "\n"
    if not old:
        raise Failure(words + "There is no older one to go back to.")
    device.stop()
    device.replace(ACTIVE, old.encode())
    for name in names:
        if device.exists(name + ".old"):
            device.run("os.rename(%r,%r)" % (name + ".old", name))
    line, _ = device.restart(_ALIVE, alive_s)
    raise Failure(words + ("The old one runs again: %s" % line if line else "Nor does the old."))
