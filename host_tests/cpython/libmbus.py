# SPDX-License-Identifier: MIT
"""The fourteen tools of libmbus, built once into build/libmbus from the package node-mbus.

The package brings libmbus's sources and no way to build its tools: a plain compiler does.
"""

import fcntl
import hashlib
import os
import select
import shutil
import subprocess
import tarfile
import time
from pathlib import Path
from xml.etree import ElementTree

from importgraph import ROOT

PACKAGE = "node-mbus@2.2.6"
TARBALL = "node-mbus-2.2.6.tgz"
SHA256 = "19c024e86160ea8570f390c53f0a9c4724661f9c85d427e676133da347330682"

SERIAL = tuple(
    "mbus-serial-" + name
    for name in (
        "scan",
        "scan-secondary",
        "select-secondary",
        "request-data",
        "request-data-multi-reply",
        "set-address",
        "switch-baudrate",
    )
)
TCP = tuple(
    "mbus-tcp-" + name
    for name in (
        "scan",
        "scan-secondary",
        "select-secondary",
        "request-data",
        "request-data-multi-reply",
        "application-reset",
        "raw-send",
    )
)

# A pty has no parity bit, and the system refuses to set one where nothing else changes: at
# 2400 baud, the rate at which libmbus opens the line, the tools cannot be used as they are.
_NO_PARITY = "#include <termios.h>\n#undef PARENB\n#define PARENB 0\n"

# Where the meter is an emulated chip an answer takes longer than the 4 s that the tools wait.
_PATIENT = """\
#include <sys/socket.h>
#include <sys/time.h>
static int patient(int fd, int level, int name, const void *value, socklen_t size)
{
    struct timeval time = *(const struct timeval *)value;
    time.tv_sec *= 5;
    return setsockopt(fd, level, name, &time, size);
}
#define setsockopt patient
"""
_HEADERS = {"no-parity": _NO_PARITY, "patient": _PATIENT}

_FLAGS = ("-O1", "-w", "-I.", "-Imbus")
_DOWNLOAD_S = 120
_COMPILE_S = 120
_LOOK_S = 0.1  # how often the end of a tool is thought of while it prints nothing


class Unavailable(Exception):
    """The tools cannot be built here; the text says why."""


def build() -> Path:
    """The folder with the tools; in its subfolder no-parity the serial ones without parity, in
    patient those for TCP that wait for 20 s.

    Built when they are not there; processes that come at once wait for the first of them.
    """
    folder = ROOT / "build" / "libmbus"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "libmbus.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / "built"
        recipe = " ".join((SHA256, *_FLAGS, *_HEADERS.values()))
        if not stamp.exists() or stamp.read_text() != recipe:
            for program in ("npm", "gcc"):
                if not shutil.which(program):
                    raise Unavailable("libmbus cannot be built: there is no %s here" % program)
            _fetch(folder)
            _compile(folder)
            stamp.write_text(recipe)
    return folder / "bin"


def _fetch(folder):
    """Get the package and unpack libmbus's folder of it."""
    tarball = folder / TARBALL
    if not tarball.exists():
        command = ("npm", "pack", PACKAGE, "--loglevel=error", "--fetch-retries=1")
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=_DOWNLOAD_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable("libmbus cannot be built: npm pack takes too long") from None
        if done.returncode or not tarball.exists():
            words = (done.stderr or done.stdout).strip().splitlines() or [str(done.returncode)]
            raise Unavailable("libmbus cannot be built: npm pack failed: " + words[0])
    found = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if found != SHA256:
        tarball.unlink()
        raise AssertionError("%s has the SHA-256 %s, not %s" % (TARBALL, found, SHA256))
    shutil.rmtree(folder / "package", ignore_errors=True)
    with tarfile.open(tarball) as archive:
        members = [m for m in archive if m.isfile() and m.name.startswith("package/libmbus/")]
        archive.extractall(folder, members)


def _compile(folder):
    source = folder / "package" / "libmbus"
    for name, text in _HEADERS.items():
        (folder / (name + ".h")).write_text(text)
    tools = folder / "bin"
    shutil.rmtree(tools, ignore_errors=True)
    for where, names, more in (
        (tools, SERIAL + TCP, ()),
        (tools / "no-parity", SERIAL, ("-include", str(folder / "no-parity.h"))),
        (tools / "patient", TCP, ("-include", str(folder / "patient.h"))),
    ):
        objects = where / "objects"
        objects.mkdir(parents=True)
        library = []
        for path in sorted((source / "mbus").glob("*.c")):
            library.append(objects / (path.stem + ".o"))
            _gcc(source, *more, "-c", path, "-o", library[-1])
        for name in names:
            _gcc(source, *more, "bin/%s.c" % name, *library, "-lm", "-o", where / name)


def _gcc(source, *arguments):
    subprocess.run(("gcc", *_FLAGS, *arguments), cwd=source, timeout=_COMPILE_S, check=True)


def run(tool, *arguments, limit_s=60):
    """What a tool prints, standard error behind standard output."""
    done = subprocess.run(
        (str(tool), *map(str, arguments)), capture_output=True, timeout=limit_s, check=False
    )
    return (done.stdout + done.stderr).decode("latin-1")


def run_until(enough, tool, *arguments, limit_s=120):
    """What a tool has printed when enough(that) is true: it is stopped then, or at the end."""
    command = ("stdbuf", "-oL", str(tool), *map(str, arguments))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = b""
    limit = time.monotonic() + limit_s
    try:
        while time.monotonic() < limit and not enough(printed.decode()):
            if select.select([process.stdout], [], [], _LOOK_S)[0]:
                more = os.read(process.stdout.fileno(), 1000)
                if not more:
                    break
                printed += more
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return printed.decode()


def slave_and_records(printed):
    """(slave information, records) of the XML a tool printed, each a dict of its elements."""
    root = ElementTree.fromstring(printed.encode("latin-1"))
    slave, *records = [{item.tag: item.text or "" for item in part} for part in root]
    return slave, records
