# SPDX-License-Identifier: MIT
"""The module on a real MicroPython with a heap of 384 kB: on TCP and on a pty, cut and restarted."""

import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import time
import tty
from pathlib import Path

import pytest

from mbusnode import configuring

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = shutil.which(
    os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
)

pytestmark = pytest.mark.skipif(not MICROPYTHON, reason="no MicroPython; see make venv")

DEADLINE_S = 10


class Meter:
    """main.py as a process; arguments are its settings."""

    def __init__(self, *arguments):
        paths = ":".join((str(ROOT / "firmware"), str(ROOT / "boards/desk"), ".frozen"))
        self.process = subprocess.Popen(
            [MICROPYTHON, "-X", "heapsize=384k", str(ROOT / "firmware/main.py"), *arguments],
            env=dict(os.environ, MICROPYPATH=paths),
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self):
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def ask(fd, request, size):
    """Send octets (hexadecimal); up to size octets that come back, or what came in 0.5 s."""
    os.write(fd, bytes.fromhex(request))
    octets = b""
    limit = time.monotonic() + (DEADLINE_S if size else 0.5)
    while len(octets) < max(size, 1):
        wait = limit - time.monotonic()
        if wait <= 0 or not select.select([fd], [], [], wait)[0]:
            break
        octets += os.read(fd, 300)
    return octets.hex().upper()


@pytest.fixture
def bus():
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(DEADLINE_S)
    yield server
    server.close()


@pytest.fixture
def started():
    meters = []

    def start(*arguments):
        meters.append(Meter(*arguments))
        return meters[-1]

    yield start
    for meter in meters:
        meter.kill()


def address(server):
    return "bus=127.0.0.1:%d" % server.getsockname()[1]


def test_a_changed_address_is_there_after_the_process_was_killed(bus, started, tmp_path):
    for primary, other in (("01", "08"), ("08", "01")):
        meter = started(address(bus), "state=%s" % tmp_path, "primary=1")
        with bus.accept()[0] as line:
            said = meter.line()
            assert said.startswith("alive 123456780D170102 primary=%d " % int(primary, 16)), said
            assert "micropython" in said and "heap=3" in said
            checksum = "%02X" % (0x40 + int(primary, 16))
            assert ask(line.fileno(), "1040%s%s16" % (primary, checksum), 1) == "E5"
            assert ask(line.fileno(), "1040%s%02X16" % (other, 0x40 + int(other, 16)), 0) == ""
            if primary == "01":
                assert ask(line.fileno(), "6806066853FE51017A082516", 1) == "E5"
                time.sleep(0.3)
            meter.kill()


def test_three_telegrams_over_tcp_and_a_clean_end_when_the_bus_goes(bus, started, tmp_path):
    meter = started(address(bus), "state=%s" % tmp_path, "meter=2", "primary=2", "telegrams=3")
    line = bus.accept()[0]
    assert meter.line().startswith("alive 123456790D170102 primary=2 ")
    for request, size in (("107B027D16", 128), ("105B025D16", 150), ("107B027D16", 201)):
        reply = ask(line.fileno(), request, size)
        assert reply.startswith("68") and len(reply) == 2 * size, request
    line.close()
    assert meter.process.wait(DEADLINE_S) == 0
    assert meter.line().endswith("closed")


def test_a_pty_is_a_bus_too(started, tmp_path):
    master, slave = pty.openpty()
    tty.setraw(slave)
    link = tmp_path / "line"
    link.symlink_to(os.ttyname(slave))
    (tmp_path / "meter.conf").write_text("# one of two\nprimary=17\nbus=%s\n" % link)
    meter = started(str(tmp_path / "meter.conf"), "state=%s" % (tmp_path / "a/b"), "baud=9600")
    assert meter.line().startswith("alive 123456780D170102 primary=17 ")
    assert ask(master, "1040115116", 1) == "E5"
    assert len(ask(master, "107B118C16", 128)) == 256
    os.close(slave)
    os.close(master)
    assert meter.process.wait(DEADLINE_S) == 0


def test_errors_are_for_people(started, tmp_path):
    for arguments, code, words in (
        (("bus=127.0.0.1:1", "state=%s" % tmp_path), 1, "bus 127.0.0.1:1 cannot be opened"),
        (("bus=/nowhere", "state=%s" % tmp_path), 1, "bus /nowhere cannot be opened"),
        (("bus=ttyUSB0", "state=%s" % tmp_path), 1, "bus ttyUSB0 cannot be opened"),
        (("bus=x:1", "state=/dev/null/x"), 1, "state directory /dev/null/x cannot be used"),
        (("state=x",), 2, "bus= is missing"),
        (("bus=x",), 2, "state= is missing"),
        (("baud=1000",), 2, "baud=1000: allowed is 300"),
        (("/nowhere.conf",), 2, "configuration /nowhere.conf: cannot be read"),
    ):
        meter = started(*arguments)
        assert words in meter.line()
        assert meter.process.wait(DEADLINE_S) == code, arguments


def test_a_damaged_configuration_is_told_of_and_the_meter_starts_all_the_same(
    bus, started, tmp_path
):
    path = tmp_path / "meter.conf"
    path.write_bytes(configuring.compiled({"primary": "7"})[:-1])
    where = address(bus), "state=%s" % tmp_path
    meter = started(str(path), *where)
    with bus.accept()[0]:
        assert meter.line() == (
            "configuration %s: it was cut or changed, its checksum is wrong; "
            "starting with safe defaults" % path
        )
        assert meter.line().startswith("alive 123456780D170102 primary=0 ")
    path.write_bytes(configuring.compiled({"primary": "7"}))
    meter = started(str(path), *where)
    with bus.accept()[0]:
        assert meter.line().startswith("alive 123456780D170102 primary=7 ")
