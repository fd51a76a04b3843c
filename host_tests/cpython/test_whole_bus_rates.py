# SPDX-License-Identifier: MIT
"""Whole buses in virtual time with slaves at different baud rates, fixed and automatic."""

import pytest

from bitline import Keeping
from helpers import raises
from mbus import autobaud
from mbus.exchange import MasterLink
from mbus.link import SlaveLink
from mbus.master import Master, NoAnswerError
from mbus.slave import Slave
from mbusnode.bus import MASTER
from mbusnode.virtual_bus import VirtualBus

RATES = (300, 2400, 9600)


class Rig:
    """A master, and slaves of these kinds: a rate, "hunting" or "parallel"; addresses from 1."""

    def __init__(self, kinds, baud=2400, tries=1, echo=False):
        self.bus = VirtualBus(baud, echo, echo)
        self.links = [self._join(k, kind) for k, kind in enumerate(kinds, 1)]
        self.master = Master(tries)
        self.link = MasterLink(self.bus.master, self.master, baud)
        self.bus.join(self.bus.master, self.link)
        self.rows = []
        self.bus.bus.trace = lambda *row: self.rows.append(row)

    def _join(self, primary, kind):
        feeds = RATES if kind == "parallel" else ()
        fixed = isinstance(kind, int)
        port = self.bus.slave(kind if fixed else 2400, feeds)
        slave = Slave(Keeping(primary=primary, telegrams=1))
        link = SlaveLink(port, slave, kind) if fixed else autobaud.make_link(port, slave, 2400)
        self.bus.join(port, link)
        return link

    def reset(self, address, baud):
        """Whether the slave acknowledges SND_NKE to a master at this rate."""
        self.link.set_baud(baud)
        return self.bus.exchange(self.link, self.master.reset(address))

    def asked(self):
        """Telegrams of the master since the last call."""
        n = len([row for row in self.rows if row[1] == MASTER])
        self.rows.clear()
        return n


@pytest.mark.parametrize("echo", [False, True], ids=["quiet", "echoes"])
def test_each_slave_answers_at_its_own_rate_and_at_no_other(echo):
    rig = Rig((300, 2400, 9600, 38400, 600), echo=echo)
    for address, own in enumerate((300, 2400, 9600, 38400, 600), 1):
        for baud in (300, 600, 2400, 9600, 38400):
            assert rig.reset(address, baud) == (baud == own), (address, baud)
    assert [link.replies for link in rig.links] == [1] * 5


def test_a_slave_is_moved_from_rate_to_rate_and_the_others_stay():
    rig = Rig((2400, 2400))
    for old, new in ((2400, 9600), (9600, 300), (300, 38400), (38400, 2400)):
        rig.link.set_baud(old)
        rig.bus.exchange(rig.link, rig.master.switch_baud(1, new))
        rig.bus.run(200_000)
        assert rig.reset(1, new)
        assert not rig.reset(2, new) or new == 2400
        assert rig.reset(2, 2400)
    rig.link.set_baud(2400)
    rig.bus.exchange(rig.link, rig.master.switch_baud(255, 9600))
    assert rig.reset(1, 9600) and rig.reset(2, 9600)


def test_a_master_that_does_not_follow_gets_its_slave_back_after_30_seconds():
    rig = Rig((2400,))
    rig.bus.exchange(rig.link, rig.master.switch_baud(1, 9600))
    rig.bus.run(200_000)
    while rig.bus.now_us < 29_000_000:
        assert not rig.reset(1, 2400)
    rig.bus.run(3_000_000)
    assert rig.reset(1, 2400)
    assert rig.links[0].slave.device.kept_rates == []


@pytest.mark.parametrize("kind", ["hunting", "parallel"])
def test_automatic_slaves_answer_masters_of_three_rates(kind):
    for baud in RATES:
        rig = Rig((kind, kind), tries=3)
        assert rig.reset(2, baud)
        # The first try with a receiver at each rate, or at 2400; else the second.
        assert rig.asked() == (1 if kind == "parallel" or baud == 2400 else 2), baud
        telegrams = []
        for address in (1, 2):
            rig.bus.exchange(rig.link, rig.master.read(address, telegrams.append))
        assert [frame.a for frame in telegrams] == [1, 2]
        assert not any(link.late for link in rig.links)


def test_automatic_and_fixed_slaves_share_a_bus_and_masters_take_turns():
    rig = Rig(("parallel", "hunting", 300, 9600), tries=3)
    for baud in (300, 2400, 9600, 2400, 300):
        rig.asked()
        assert rig.reset(1, baud)
        assert rig.asked() == 1
        assert rig.reset(2, baud)
        assert rig.reset(3, baud) == (baud == 300)
        assert rig.reset(4, baud) == (baud == 9600)
        rig.bus.run(13_000_000)


def test_a_command_to_change_the_rate_is_a_wish_to_automatic_slaves():
    rig = Rig(("hunting", "parallel"))
    for address in (1, 2):
        rig.bus.exchange(rig.link, rig.master.switch_baud(address, 9600))
        assert rig.reset(address, 2400)
        assert rig.links[address - 1].slave.device.kept_rates == [9600]


def test_nobody_is_found_at_a_rate_that_automatic_slaves_do_not_know():
    rig = Rig(("parallel",), tries=2)
    assert not rig.reset(1, 1200)
    raises(NoAnswerError, rig.bus.exchange, rig.link, rig.master.alarm(1))
