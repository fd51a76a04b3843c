# SPDX-License-Identifier: MIT
"""The virtual bus in real time: ptys and TCP on both sides, sessions that come and go."""

import os
import select
import socket
import termios
import time

import pytest
import serial
from busrig import ASK, DEADLINE_S, HOST, Rig, connect, opened, receive, wait

from helpers import raises
from mbusnode.bus import MASTER, Bus
from mbusnode.bus_server import BusServer
from mbusnode.failure import Failure


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.stop()


def test_a_master_on_a_pty_comes_and_goes(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake()
    rig.server.master_pty(link)
    rig.start()
    for _ in range(5):
        fd = opened(link)
        for _ in range(2):
            os.write(fd, ASK)
            assert receive(fd, 1) == b"\xe5"
        os.close(fd)
    assert rig.sent(MASTER) == 10 * ASK


def test_what_a_former_master_left_unread_is_gone(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake(b"\x68" * 20)
    rig.server.master_pty(link)
    rig.start()
    fd = opened(link)
    os.write(fd, ASK)
    receive(fd, 3)
    os.close(fd)
    wait(lambda: rig.server.bus.due() is None)
    time.sleep(0.02)
    fd = opened(link)
    assert not select.select([fd], [], [], 0.05)[0]
    os.write(fd, ASK)
    assert receive(fd, 20) == b"\x68" * 20
    assert not select.select([fd], [], [], 0.05)[0]
    os.close(fd)


def test_a_master_that_goes_without_reading_leaves_nothing(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake(b"\x68" * 20)
    rig.server.master_pty(link)
    rig.start()
    fd = opened(link)
    os.write(fd, ASK)
    os.close(fd)
    wait(lambda: rig.sent(1))
    wait(lambda: rig.server.bus.due() is None)
    fd = opened(link)
    assert not select.select([fd], [], [], 0.05)[0]
    os.close(fd)


def test_unread_octets_of_the_same_master_stay(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake()
    rig.server.master_pty(link)
    rig.start()
    fd = opened(link)
    for n in range(3):
        os.write(fd, ASK)
        wait(lambda n=n: len(rig.sent(1)) > n and rig.server.bus.due() is None)
    assert receive(fd, 3) == b"\xe5\xe5\xe5"
    os.close(fd)


def test_the_line_is_raw_and_takes_even_parity_each_time(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake(bytes(range(32)) + b"\xe5")
    rig.server.master_pty(link)
    rig.start()
    for _ in range(3):
        with serial.Serial(link, 9600, parity="E", timeout=DEADLINE_S) as port:
            port.write(ASK)
            assert port.read(33) == bytes(range(32)) + b"\xe5"
        time.sleep(0.05)
    fd = opened(link)
    _, _, _, local, *_ = termios.tcgetattr(fd)
    assert not local & (termios.ICANON | termios.ECHO | termios.ISIG)
    os.close(fd)


def test_the_link_is_removed_and_nothing_else_is_ever_touched(tmp_path):
    link = tmp_path / "bus"
    server = BusServer(Bus(2400))
    server.master_pty(str(link))
    assert link.is_symlink()
    other = BusServer(Bus(2400))
    error = raises(Failure, other.master_pty, str(link))
    assert error.code == 2 and "leads to /dev/pts/" in str(error)
    server.close()
    assert not link.is_symlink()

    link.symlink_to("/dev/pts/99999")  # of one that was killed
    other.master_pty(str(link))
    assert os.path.exists(link)
    link.unlink()
    link.symlink_to("/elsewhere")
    other.close()
    assert os.readlink(link) == "/elsewhere"

    for make in (lambda p: p.write_text("mine"), lambda p: p.symlink_to("/nowhere/at/all")):
        link.unlink()
        make(link)
        server = BusServer(Bus(2400))
        assert "exists: choose another name" in str(raises(Failure, server.master_pty, str(link)))
        server.close()
        assert os.path.lexists(link)
    server = BusServer(Bus(2400))
    error = raises(Failure, server.master_pty, str(tmp_path / "no" / "bus"))
    assert "cannot be made: No such file" in str(error)
    server.close()


def test_a_master_by_tcp_and_the_next_when_it_has_gone(rig):
    rig.fake()
    port = rig.server.master_tcp(HOST, 0)
    rig.start()
    one, two = connect(port), connect(port)
    two.sendall(ASK)
    for _ in range(2):
        one.sendall(ASK)
        assert receive(one.fileno(), 1) == b"\xe5"
    assert rig.sent(MASTER) == 2 * ASK
    one.close()
    assert receive(two.fileno(), 1) == b"\xe5"
    two.close()


def test_a_port_in_use_is_told_of():
    with socket.create_server((HOST, 0)) as taken:
        server = BusServer(Bus(2400))
        port = taken.getsockname()[1]
        error = raises(Failure, server.master_tcp, HOST, port)
        assert str(error) == "cannot listen at %s:%d: Address already in use" % (HOST, port)
        assert "end at 65535" in str(raises(Failure, server.master_tcp, HOST, 70000))
        error = raises(Failure, server.master_tcp, "no.such.host.invalid", 0)
        assert str(error).startswith("cannot listen at no.such.host.invalid:0: ")
        server.close()


def test_slaves_by_tcp_and_on_ptys_hear_the_master_but_not_each_other(rig, tmp_path):
    rig.server.slave_pty(str(tmp_path / "slave"))
    port = rig.server.slaves_tcp(HOST, 0)
    master = rig.server.master_tcp(HOST, 0)
    rig.start()
    fd = opened(tmp_path / "slave")
    slaves = [connect(port), connect(port)]
    wait(lambda: rig.server.connected == 2)
    line = connect(master)
    line.sendall(ASK)
    for one in (fd, slaves[0].fileno(), slaves[1].fileno()):
        assert receive(one, 5) == ASK
    os.write(fd, b"\x68\x03")
    assert receive(line.fileno(), 2) == b"\x68\x03"
    line.sendall(ASK)
    for one in (fd, slaves[0].fileno(), slaves[1].fileno()):
        assert receive(one, 5) == ASK
    slaves[1].sendall(b"\xe5")
    assert receive(line.fileno(), 1) == b"\xe5"
    slaves[1].close()
    line.sendall(ASK)
    assert receive(slaves[0].fileno(), 5) == ASK
    slaves[0].sendall(b"\xe5\xe5")
    assert receive(line.fileno(), 2) == b"\xe5\xe5"
    for end in (line, slaves[0]):
        end.close()
    os.close(fd)


def test_a_slave_that_comes_to_its_pty_late_hears_nothing_old(rig, tmp_path):
    rig.server.slave_pty(str(tmp_path / "slave"))
    master = rig.server.master_tcp(HOST, 0)
    rig.start()
    with connect(master) as line:
        line.sendall(ASK)
        wait(lambda: rig.sent(MASTER) and rig.server.bus.due() is None)
        fd = opened(tmp_path / "slave")
        assert not select.select([fd], [], [], 0.05)[0]
        line.sendall(ASK)
        assert receive(fd, 5) == ASK
        os.close(fd)


def test_octets_never_come_before_their_time():
    rig = Rig(2400)
    rig.fake(b"\xe5" * 20)
    port = rig.server.master_tcp(HOST, 0)
    rig.start()
    character_s = 11 / 2400
    try:
        with connect(port) as line:
            start = time.monotonic()
            line.sendall(ASK)
            for n in range(20):
                assert receive(line.fileno(), 1) == b"\xe5"
                assert time.monotonic() - start > (6 + n) * character_s - 0.0001
    finally:
        rig.stop()


def test_an_idle_bus_sleeps(rig, tmp_path):
    link = rig.fake()
    rig.server.master_pty(str(tmp_path / "bus"))
    rig.start()
    fd = opened(tmp_path / "bus")
    os.write(fd, ASK)
    receive(fd, 1)
    os.close(fd)  # whose hang-up stands
    time.sleep(0.6)
    polls = link.polls
    time.sleep(0.5)
    assert link.polls - polls <= 2


def test_the_rate_that_a_program_sets_on_its_pty_is_the_masters(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake()  # at 9600 baud
    rig.server.master_pty(link)
    rig.start()
    for baud, answer in ((9600, b"\xe5"), (300, None), (9600, b"\xe5")):
        with serial.Serial(link, baud, timeout=DEADLINE_S if answer else 0.3) as port:
            before = len(rig.rows)
            port.write(ASK)
            if answer:
                assert port.read(1) == answer
            else:
                wait(lambda: rig.server.bus.baud == 300 and rig.server.bus.due() is None)
        wait(lambda before=before: len(rig.rows) > before)
    # Who sets none talks at that of the bus.
    fd = opened(link)
    os.write(fd, ASK)
    assert receive(fd, 1) == b"\xe5"
    os.close(fd)
