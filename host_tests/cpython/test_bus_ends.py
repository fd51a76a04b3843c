# SPDX-License-Identifier: MIT
"""Programs that come and go at one link of a pty: what each has set stays."""

import os
import termios

import pytest
from busrig import ASK, Rig, opened, receive

from mbusnode.bus_ends import PtyEnd


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.stop()


def test_a_master_that_comes_while_the_last_one_goes_keeps_what_it_has_set(tmp_path, monkeypatch):
    link = str(tmp_path / "bus")
    end = PtyEnd(link)
    last = opened(link)
    os.write(last, ASK)
    assert end.read() == ASK
    os.close(last)
    came = []
    read = os.read

    def hang_up(fd, size):
        try:
            return read(fd, size)
        except BlockingIOError:
            raise
        except OSError:  # before it is known
            if not came:
                fd = opened(link)
                attributes = termios.tcgetattr(fd)
                attributes[4] = attributes[5] = termios.B300
                attributes[6][termios.VMIN] = 0
                attributes[6][termios.VTIME] = 2
                termios.tcsetattr(fd, termios.TCSANOW, attributes)
                came.append((fd, termios.tcgetattr(fd)))
            raise

    monkeypatch.setattr(os, "read", hang_up)
    assert end.read() == b""
    ((fd, attributes),) = came
    assert termios.tcgetattr(fd) == attributes
    os.write(fd, ASK)
    assert (end.read(), end.rate()) == (ASK, 300)
    os.close(fd)
    end.close()
    assert not os.path.lexists(link) and not os.listdir(tmp_path)


def test_masters_on_one_link_have_a_line_each_and_hear_all(rig, tmp_path):
    link = str(tmp_path / "bus")
    rig.fake()
    rig.server.master_pty(link)
    rig.start()
    fds = []
    for _ in range(3):
        fds.append(opened(link))
        os.write(fds[-1], ASK)
        for fd in fds:
            assert receive(fd, 1) == b"\xe5"
    assert len({os.ttyname(fd) for fd in fds}) == 3
    for fd in fds:
        os.close(fd)
