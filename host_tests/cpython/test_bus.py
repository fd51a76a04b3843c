# SPDX-License-Identifier: MIT
"""The virtual bus: line times, collisions, echoes; whole buses in virtual time."""

import random

import pytest

from helpers import raises
from mbus import search
from mbus.exchange import MasterLink
from mbus.failures import DamagedError, NoAnswerError
from mbus.header import secondary_octets, secondary_text
from mbus.link import SlaveLink
from mbus.master import Master
from mbus.slave import Slave
from mbusnode.bus import COLLISION, MASTER, Bus
from mbusnode.virtual_bus import VirtualBus
from meters import Slots
from node.assembly import assemble
from node.config import Config

CHARACTER_US = 4584  # at 2400 baud, rounded up
E5 = b"\xe5"


def bus_of(slaves, **options):
    bus = Bus(2400, **options)
    return bus, [bus.attach() for _ in range(slaves)]


def heard(bus, by=MASTER, until=10**9):
    return bytes(octet for key, octet in bus.deliver(until) if key == by)


def test_what_the_master_sends_reaches_every_slave_octet_by_octet_when_its_time_ends():
    bus, slaves = bus_of(2)
    bus.send(MASTER, b"\x10\x40", 1000)
    assert bus.due() == 1000 + CHARACTER_US
    assert bus.deliver(999 + CHARACTER_US) == []
    assert bus.deliver(1000 + CHARACTER_US) == [(key, 0x10) for key in slaves]
    assert bus.busy_until(MASTER) == bus.due() == 1000 + 2 * CHARACTER_US
    bus.send(MASTER, b"\x01", 1500)
    assert bus.deliver(10**9) == [(key, octet) for octet in (0x40, 0x01) for key in slaves]
    assert bus.due() is None


def test_what_a_slave_sends_reaches_the_master_only():
    bus, (one, _) = bus_of(2)
    bus.send(one, b"\x68\x03", 0)
    assert bus.due() == CHARACTER_US
    bus.send(one, b"\xe5", 10)
    assert bus.busy_until(one) == 3 * CHARACTER_US
    assert bus.deliver(3 * CHARACTER_US - 1) == [(MASTER, 0x68), (MASTER, 0x03)]
    assert bus.deliver(3 * CHARACTER_US) == [(MASTER, 0xE5)]


def test_echoes_come_where_they_are_wanted():
    bus, (one,) = bus_of(1, echo=True)
    bus.send(MASTER, b"\x10", 0)
    assert sorted(bus.deliver(10**9)) == [(MASTER, 0x10), (one, 0x10)]
    bus.send(one, E5, 10**9)
    assert bus.deliver(2 * 10**9) == [(MASTER, 0xE5)]
    bus, (one, other) = bus_of(2, slave_echo=True)
    bus.send(one, E5, 0)
    bus.send(other, b"\x68", 0)
    assert bus.deliver(10**9) == [(one, 0xE5), (other, 0x68), (MASTER, 0xE5 & 0x68)]


def test_a_slave_may_leave():
    bus, (one,) = bus_of(1)
    two = bus.attach(2400)
    assert two != one
    bus.send(two, E5, 0)
    bus.detach(two)
    assert bus.due() is None
    bus.send(two, E5, 0)  # a reply of one that has just left
    assert bus.due() is None
    assert bus.busy_until(two) == 0


# sent by slaves at these times (in characters)   what the master gets
COLLISIONS = (
    ("two that say the same at once are one", [(0, "E5"), (0, "E5")], "E5"),
    ("or nearly at once", [(0, "E5"), (0.9, "E5")], "E5"),
    ("three too", [(0, "E5"), (0.3, "E5"), (0.6, "E5")], "E5"),
    ("spaces win", [(0, "6804"), (0, "6803")], "6800"),
    ("also in octets that overlap in part", [(0, "FE0F"), (0.5, "7CF0")], "7C00"),
    ("behind one another: damage between", [(0, "E5"), (1, "E5")], "E5 00 E5"),
    ("with a pause as well", [(0, "E5"), (40, "E5")], "E5 00 E5"),
    ("each time another one begins", [(0, "E5"), (2, "E6"), (4, "E5")], "E5 00 E6 00 E5"),
    ("one slave may send in pieces", [(0, "6803"), (2, "03"), (9, "68")], "68030368"),
    ("an E5 that vanishes in a frame spoils it", [(0, "105B0116"), (1, "FF")], "105B0100"),
    ("a frame above that of others dies too", [(0, "1000"), (0, "FFFF")], "1000"),
    ("one that goes on alone spoils the end", [(0, "E5E5"), (0, "E5")], "E500"),
    ("an answer inside another", [(0, "FFE516FF"), (1, "E516")], "FFE51600"),
    ("all that is left of it", [(0, "FFFFE5"), (2, "E5")], "FFFF00"),
    ("the end of one, the start of another", [(0, "6816"), (1.5, "1040")], "681000"),
)


@pytest.mark.parametrize(
    ("name", "bursts", "expected"), COLLISIONS, ids=[c[0] for c in COLLISIONS]
)
def test_a_collision(name, bursts, expected):
    bus, slaves = bus_of(3)
    for i, (at, octets) in enumerate(bursts):
        key = slaves[0] if "pieces" in name else slaves[i]
        bus.send(key, bytes.fromhex(octets), round(at * CHARACTER_US))
    assert heard(bus).hex() == expected.replace(" ", "").lower()


def test_the_answer_to_the_next_request_is_no_collision_with_the_last():
    bus, (one, two) = bus_of(2)
    for key in (one, two, one):
        bus.send(MASTER, b"\x10", 0)
        bus.deliver(10**9)
        bus.send(key, E5, 0)
        assert heard(bus) == E5


def test_a_collision_is_forgotten_with_the_next_request():
    bus, (one, two) = bus_of(2)
    bus.send(one, b"\x10\x00", 0)
    bus.send(two, b"\xff", 0)
    assert heard(bus) == b"\x10\x00"
    bus.send(MASTER, b"\x10", 10**6)
    bus.deliver(10**7)
    bus.send(one, E5, 10**7)
    assert heard(bus) == E5


def test_no_answer_arrives_whole_that_another_one_has_touched():
    rng = random.Random(2)
    seen = 0
    for _ in range(5000):
        bus, slaves = bus_of(rng.choice((2, 2, 3)))
        bursts = {}
        for key in slaves:
            octets = bytes(
                rng.choice((0xE5, 0xE5, 0x65, 0x16, 0xFF)) for _ in range(rng.randint(1, 4))
            )
            at = rng.choice((0, rng.randrange(5 * CHARACTER_US)))
            bursts[key] = (octets, at)
            bus.send(key, octets, at)
        octets = heard(bus)
        assert octets
        times = [at for _, at in bursts.values()]
        sent = {octets for octets, _ in bursts.values()}
        if len(sent) == 1 and max(times) - min(times) < CHARACTER_US:
            assert octets in sent
            seen += 1
        else:
            assert octets not in sent, bursts
    assert 20 < seen < 4000


def test_a_trace_is_told_what_was_sent_and_what_became_of_it():
    bus, (one, two) = bus_of(2)
    told = []
    bus.trace = lambda *row: told.append(row)
    bus.send(MASTER, b"\x10\x40", 0)
    bus.deliver(10_000)
    bus.send(one, b"\xe5", 20_000)
    bus.send(two, b"\x68", 20_001)
    bus.deliver(30_000)
    assert told == [
        (0, MASTER, b"\x10\x40"),
        (20_000, one, b"\xe5"),
        (20_001, two, b"\x68"),
        (20_001 + CHARACTER_US, COLLISION, b"\x60"),
    ]


# ---- whole buses, in virtual time ----


class Meters:
    """Emulated meters with these identification numbers, and a master, on one bus."""

    def __init__(self, numbers, baud=2400, tries=3, telegrams=2, **options):
        self.bus = VirtualBus(baud, **options)
        self.links = [self._join(k, n, telegrams) for k, n in enumerate(numbers, 1)]
        self.master = Master(tries)
        self.link = MasterLink(self.bus.master, self.master, baud)
        self.bus.join(self.bus.master, self.link)

    def _join(self, k, number, telegrams):
        given = {"meter": k, "primary": k, "identification": number}
        config = Config({**given, "telegrams": telegrams, "source": "host"})
        module = assemble(config, Slots(), 1000)
        port = self.bus.slave()
        link = SlaveLink(port, Slave(module), self.bus.bus.baud)
        self.bus.join(port, link)
        return link

    def run(self, procedure):
        return self.bus.exchange(self.link, procedure)

    def read(self, address):
        telegrams = []
        self.run(self.master.read(address, telegrams.append))
        return telegrams


def test_a_meter_is_read_over_a_bus_in_the_time_that_its_octets_take():
    meters = Meters(("12345678",), telegrams=3)
    telegrams = meters.read(1)
    assert [frame.data[:4] for frame in telegrams] == [b"\x78\x56\x34\x12"] * 3
    octets = sum(len(frame.data) + 9 for frame in telegrams)
    line_us = octets * CHARACTER_US
    assert line_us < meters.bus.now_us < line_us + 400_000
    (link,) = meters.links
    assert (link.replies, link.late, link.collisions) == (4, 0, 0)  # an E5 first


@pytest.mark.parametrize("baud", [300, 2400, 9600, 38400])
def test_a_reply_begins_within_its_window(baud):
    meters = Meters(("12345678",), baud=baud)
    sent = []
    meters.bus.bus.trace = lambda now, key, octets: sent.append((now, key, len(octets)))
    meters.read(1)
    character_us = 11_000_000 / baud
    for (asked, _, n), (replied, key, _) in zip(sent[::2], sent[1::2], strict=True):
        assert key == 1
        delay_us = replied - asked - n * character_us
        assert character_us <= delay_us <= 0.8 * (30 * character_us + 50_000)


@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("slave_echo", [False, True])
def test_a_search_tells_meters_apart_down_to_the_last_digit(echo, slave_echo):
    numbers = ("12345678", "12345679", "87654321", "12000000")
    meters = Meters(numbers, baud=9600, echo=echo, slave_echo=slave_echo)
    found = []
    meters.run(search.secondary(meters.master, lambda address, _: found.append(address)))
    assert sorted(secondary_text(address)[:8] for address in found) == sorted(numbers)
    for number in numbers:
        telegrams = meters.read(secondary_octets(number + "0D170102"))
        assert len(telegrams) == 2
    assert not any(link.collisions or link.late for link in meters.links)


def test_meters_that_answer_together_are_a_collision_and_never_one_meter():
    meters = Meters(("12345678", "12345679"), tries=2)
    selected = secondary_octets("1234567FFFFFFFFF")
    error = raises(DamagedError, meters.read, selected)
    assert "several" in str(error) or "collision" in str(error), str(error)
    assert not any(link.late for link in meters.links)


def test_who_looks_late_at_the_bus_finds_all_at_its_time():
    traces = []
    for step_us in (1000, 700_000):
        meters = Meters(("12345678",))
        rows = []
        meters.bus.bus.trace = lambda *row, rows=rows: rows.append(row)
        meters.bus.run(1000)
        meters.bus.bus.send(MASTER, bytes.fromhex("107B017C16"), meters.bus.now_us)
        for _ in range(1_400_000 // step_us):
            meters.bus.run(step_us)
        traces.append(rows)
    assert traces[0] == traces[1]
    assert [key for _, key, _ in traces[0]] == [MASTER, 1]


def test_nobody_answers_where_nobody_is():
    meters = Meters(("12345678",), tries=1)
    raises(NoAnswerError, meters.read, 77)


def test_time_passes_on_an_empty_bus():
    bus = VirtualBus(2400)
    bus.run(5_000_000)
    assert bus.now_us == 5_000_000
    bus.master.write(b"\x10")
    assert not bus.master.txdone()
    bus.run(CHARACTER_US - 1)
    assert not bus.master.txdone()
    bus.run(1)
    assert bus.master.txdone()
    assert bus.now_us == 5_000_000 + CHARACTER_US
