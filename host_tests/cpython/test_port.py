# SPDX-License-Identifier: MIT
"""The CPython port and the blocking runner, over real ptys and sockets."""

import errno
import os
import select
import socket
import termios
import threading

import pytest

from fakeline import FakeMeter
from mbus.exchange import MasterLink
from mbus.failures import NoAnswerError
from mbus.master import Master
from mbusnode import wire
from port import cpython

SECONDARY = bytes.fromhex("785634120D170102")
THREE = (b"\x01\x13\x05\x1f", b"\x01\x13\x06\x1f", b"\x01\x13\x07")


class Peer:
    """A meter behind a file descriptor, served by a thread until it is closed."""

    def __init__(self, fd, echo=False):
        self.meter = FakeMeter(SECONDARY, 5, THREE)
        self._fd = fd
        self._echo = echo
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            ready, _, _ = select.select((self._fd, self._stop_read), (), ())
            if self._stop_read in ready:
                return
            octets = os.read(self._fd, 300)
            if not octets:
                return
            if self._echo:
                os.write(self._fd, octets)
            os.write(self._fd, self.meter.handle(octets))

    def stop(self):
        os.write(self._stop_write, b"x")
        self._thread.join(5)
        os.close(self._stop_read)
        os.close(self._stop_write)


class Pty:
    """A pty pair; path is the end to open, fd the other one."""

    def __enter__(self):
        self.fd, self.end = os.openpty()
        self.path = os.ttyname(self.end)
        return self

    def __exit__(self, *_):
        for fd in {self.fd, self.end}:
            if fd >= 0:
                os.close(fd)

    def hang_up(self):
        os.close(self.fd)
        self.fd = -1


def link_on(stream, tries=1, **kw):
    return MasterLink(stream, Master(tries), 9600, latency_ms=30, **kw)


@pytest.mark.parametrize("echo", [False, True])
def test_a_meter_is_read_over_a_pty(echo):
    with Pty() as pty:
        stream = cpython.open(pty.path, 9600)
        peer = Peer(pty.fd, echo)
        frames = []
        link = link_on(stream, 3)
        assert wire.run(link, link.master.read(5, frames.append)) == 3
        assert [f.data[14] for f in frames] == [5, 6, 7]
        assert link.bus_ms > 0
        peer.stop()
        stream.close()


def test_a_meter_is_read_over_tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = cpython.open("socket://127.0.0.1:%d" % server.getsockname()[1], 9600)
        side, _ = server.accept()
        peer = Peer(side.fileno())
        link = link_on(stream, 3)
        assert wire.run(link, link.master.read(SECONDARY, len)) == 3
        peer.stop()
        stream.close()
        side.close()


def test_a_loop_is_all_echo():
    stream = cpython.open("loop://", 9600)
    link = link_on(stream)
    assert wire.run(link, link.master.raw(bytes.fromhex("1040054516"))) is None
    stream.close()


def test_a_pty_can_be_opened_again_and_set_to_other_rates():
    with Pty() as pty:
        for baud in (2400, 9600, 2400):
            stream = cpython.open(pty.path, baud)
            stream.init(baudrate=300)
            assert termios.tcgetattr(pty.end)[4] == termios.B300
            stream.close()


def test_octets_come_in_any_portions_and_none_is_lost():
    with Pty() as pty:
        stream = cpython.open(pty.path, 2400)
        os.write(pty.fd, bytes(range(200)))
        buf, got = memoryview(bytearray(64)), b""
        while len(got) < 200:
            stream.wait(1000)
            assert stream.any() > 0
            n = stream.readinto(buf, 7)
            got += bytes(buf[:n])
        assert got == bytes(range(200))
        assert stream.any() == 0
        assert stream.readinto(buf, 7) == 0
        assert stream.write(b"\x10\x40") == 2
        assert os.read(pty.fd, 10) == b"\x10\x40"
        assert stream.txdone()
        stream.close()


def test_the_runner_waits_instead_of_turning():
    with Pty() as pty:
        stream = cpython.open(pty.path, 9600)
        waits = []
        wait = stream.wait
        stream.wait = lambda ms: (waits.append(ms), wait(ms))
        link = link_on(stream)
        with pytest.raises(NoAnswerError, match="address 5"):
            wire.run(link, link.master.read(5, len))
        assert len(waits) <= 10
        assert sum(waits) >= 2 * 84
        stream.close()


def test_an_interrupted_procedure_is_closed_and_the_link_can_go_on():
    with Pty() as pty:
        stream = cpython.open(pty.path, 9600)
        peer = Peer(pty.fd)
        link = link_on(stream)

        def interrupt(*_):
            raise KeyboardInterrupt

        link.trace = interrupt
        procedure = link.master.read(5, len)
        with pytest.raises(KeyboardInterrupt):
            wire.run(link, procedure)
        assert procedure.gi_frame is None
        link.trace = None
        assert wire.run(link, link.master.read(5, len)) == 3
        peer.stop()
        stream.close()


def message(url):
    with pytest.raises(cpython.PortError) as e:
        cpython.open(url, 2400)
    return str(e.value)


def test_a_port_in_use_is_named_as_such():
    with Pty() as pty:
        stream = cpython.open(pty.path, 2400)
        text = message(pty.path)
        assert pty.path in text
        assert "in use by another program" in text
        stream.close()


def test_ports_that_are_none_are_named_with_what_to_try(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    for url, words in (
        ("/dev/ttyNONE", "there is no port /dev/ttyNONE: is the converter plugged in?"),
        ("meter:10001", "a network address is written socket://HOST:PORT"),
        (str(plain), "is no serial port"),
        (str(tmp_path), "is no serial port"),
        ("socket://127.0.0.1:%d" % closed, "refuses the connection"),
        ("socket://127.0.0.1", "written socket://HOST:PORT"),
        ("socket://127.0.0.1:meter", "written socket://HOST:PORT"),
        ("what://ever", "cannot open what://ever"),
    ):
        assert words in message(url), url


def test_reasons_the_system_gives_become_words():
    for code, words in (
        (errno.EACCES, "dialout"),
        (errno.EPERM, "dialout"),
        (errno.EBUSY, "in use"),
        (errno.EAGAIN, "in use"),
        (errno.EIO, "cannot open /dev/ttyX"),
    ):
        assert words in cpython._explain("/dev/ttyX", OSError(code, "?")), code
    for error, words in (
        (TimeoutError("timed out"), "does not answer"),
        (OSError(errno.EHOSTUNREACH, "?"), "cannot be reached"),
        (socket.gaierror(-2, "?"), "no host of that name"),
    ):
        assert words in cpython._explain("socket://meter:1", error), error


def test_a_pty_whose_other_end_closes_in_use_is_a_lost_connection():
    with Pty() as pty:
        stream = cpython.open(pty.path, 9600)
        pty.hang_up()
        link = link_on(stream)
        with pytest.raises(cpython.PortError, match=r"connection to .* is lost"):
            wire.run(link, link.master.read(5, len))
        for use in (stream.any, stream.txdone, lambda: stream.write(b"x")):
            with pytest.raises(cpython.PortError):
                use()
        stream.close()


def test_a_network_connection_that_closes_in_use_is_lost():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = "socket://127.0.0.1:%d" % server.getsockname()[1]
        stream = cpython.open(url, 9600)
        side, _ = server.accept()
        side.close()
        link = link_on(stream)
        with pytest.raises(cpython.PortError, match=url):
            wire.run(link, link.master.read(5, len))
        stream.close()


def test_ticks_wrap_at_30_bits():
    assert 0 <= cpython.ticks_ms() < 1 << 30
