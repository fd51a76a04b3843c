# SPDX-License-Identifier: MIT
"""The virtual bus with nodes at different baud rates: what each receives of the other's bits."""

import random

import pytest

from bitline import bits, sampled
from mbus.timing import RATES
from mbusnode.bits import BAD, Ear, Line, character_us
from mbusnode.bus import COLLISION, MASTER, Bus
from mbusnode.virtual_bus import VirtualBus

ASK = bytes.fromhex("1040054516")


def received(ear, until=10**9):
    return [octet for _, octet in ear.take(until)]


def test_a_space_of_any_sender_wins():
    line = Line()
    line.put(0xFF, 0, 1000)  # space in [0, 1000) and, for parity, [9000, 10000)
    line.put(0x00, 500, 10_000)  # space in [500, 1500)
    assert [line.fall(at) for at in (0, 1, 9001)] == [0, 9000, None]
    spaces = [at for at in range(0, 12_000, 100) if line.space(at)]
    assert spaces == [*range(0, 1500, 100), *range(9000, 10_000, 100)]
    line.put(0x00, 1400, 10_000)  # goes on where the other ends
    assert (line.space(1450), line.space(2399), line.space(2400)) == (True, True, False)
    line.forget(2401)
    assert line.fall(0) == 9000


@pytest.mark.parametrize("own", RATES)
def test_who_listens_at_the_rate_of_the_sender_gets_what_is_sent(own):
    ear = Ear(own, 0)
    for n in range(256):
        ear.put(n, n * character_us(own), own)
    assert received(ear) == list(range(256))


# what is sent at what rate       what comes at what rate   ! an error is flagged
WORKED = (
    ("10", 300, "00! 00!", 2400),  # spaces of 40 and of 24 bits
    ("68", 300, "00! 80 80", 2400),
    ("10", 9600, "FE", 2400),
    ("FF", 300, "00! 00!", 9600),  # start bit and parity
    ("00", 1200, "F0!", 600),
    ("55", 2400, "FF!", 300),
    ("FF", 2400, "", 300),  # the start bit is too short for one
)


@pytest.mark.parametrize(("sent", "rate", "comes", "own"), WORKED)
def test_worked_examples(sent, rate, comes, own):
    ear = Ear(own, 0)
    for n, octet in enumerate(bytes.fromhex(sent)):
        ear.put(octet, n * character_us(rate), rate)
    words = ["%02X%s" % (octet & 0xFF, "!" if octet & BAD else "") for octet in received(ear)]
    assert " ".join(words) == comes


def test_it_agrees_with_another_receiver_written_apart_from_it():
    rng = random.Random(3)
    some = 0
    for rate in RATES:
        # It looks for edges 16 times a bit of its own, too seldom for shorter ones.
        for own in [own for own in RATES if rate <= own]:
            for _ in range(4):
                octets = bytes(rng.randrange(256) for _ in range(rng.randint(1, 12)))
                ear = Ear(own, 0)
                for n, octet in enumerate(octets):
                    ear.put(octet, n * 11_000_000 // rate, rate)
                expected = [
                    octet | BAD * bad for _, octet, bad in sampled(bits(octets), rate, own)
                ]
                assert received(ear) == expected, (octets.hex(), rate, own)
                some += len(expected) > 0
    assert some > 100


def test_octets_come_at_their_time_and_none_before():
    ear = Ear(2400, 0)
    assert ear.due() is None
    ear.put(0xE5, 1000, 2400)
    due = ear.due()
    assert 1000 + 10.4 * 1e6 / 2400 < due < 1000 + 10.6 * 1e6 / 2400
    assert ear.take(due - 1) == []
    assert ear.take(due) == [(1000, 0xE5)]
    assert ear.due() is None


def test_a_break_is_one_damaged_octet_however_long():
    for breadth in (12, 50, 500):
        ear = Ear(9600, 0)
        ear.line._add(0, breadth * 1_000_000 // 9600)
        assert received(ear) == [BAD]


def arrived(bus, key, until=10**8):
    return [octet for who, octet in bus.deliver(until) if who == key]


def test_a_master_is_heard_by_slaves_at_its_rate_and_garbled_by_others():
    bus = Bus(2400)
    same, slow, fast = bus.attach(), bus.attach(300), bus.attach(9600)
    bus.send(MASTER, ASK, 0)
    at = bus.deliver(10**8)
    heard = {key: [octet for who, octet in at if who == key] for key in (same, slow, fast)}
    assert bytes(heard[same]) == ASK
    assert heard[fast][0] == BAD  # five spaces, each four bits long
    assert len(heard[fast]) > len(ASK) > len(heard[slow])
    assert bus.due() is None
    bus.tune(MASTER, 300, 10**8)
    bus.send(MASTER, ASK, 10**8)
    at = bus.deliver(10**9)
    assert bytes(octet for who, octet in at if who == slow) == ASK
    assert (same, BAD) in at and at[0] == (fast, BAD)


def test_a_slave_that_changes_its_rate_hears_from_then_on():
    bus = Bus(2400)
    key = bus.attach(9600)
    bus.send(MASTER, ASK, 0)
    middle = 2 * character_us(2400) + 2000
    before = bus.deliver(middle)
    assert before[0] == (key, BAD)
    bus.tune(key, 2400, middle)
    assert arrived(bus, key) == [0x45, 0x16]  # of the octet in between it missed the start
    bus.send(MASTER, ASK, 10**8)
    bus.deliver(10**8 + middle)
    bus.tune(key, 9600, 10**8 + middle)
    rest = arrived(bus, key, 10**9)
    assert rest and ASK[-1] not in rest
    bus.tune(key, 2400, 10**9)
    bus.send(MASTER, ASK, 10**9)
    assert bytes(arrived(bus, key, 2 * 10**9)) == ASK


def test_an_answer_at_another_rate_is_what_the_master_samples_of_it():
    for rate, expected in ((2400, [0xE5]), (9600, [0xFF | BAD]), (300, [0x80, 0x80, BAD])):
        bus = Bus(2400, slave_echo=True)
        key = bus.attach(rate)
        told = []
        bus.trace = lambda *row, told=told: told.append(row)
        bus.send(key, b"\xe5", 0)
        at = bus.deliver(10**8)
        got = [octet for who, octet in at if who == MASTER]
        assert got == expected, rate
        assert [octet for who, octet in at if who == key] == [0xE5]
        collisions = [row[2] for row in told if row[1] == COLLISION]
        assert len(collisions) == (0 if rate == 2400 else len(got))


def test_answers_at_two_rates_spoil_each_other():
    telegram = bytes.fromhex("6803036808017203FA16")
    for first in (300, 2400):
        bus = Bus(2400)
        keys = {rate: bus.attach(rate) for rate in (300, 2400)}
        bus.send(keys[first], telegram, 0)
        bus.deliver(7000)
        bus.send(keys[2700 - first], telegram, 7000)
        got = arrived(bus, MASTER)
        assert bytes(octet & 0xFF for octet in got) != telegram
        assert any(octet & BAD for octet in got)
        # And afterwards all is well again.
        bus.send(keys[2400], telegram, 10**9)
        assert bytes(arrived(bus, MASTER, 2 * 10**9)) == telegram
        assert bus.due() is None


def test_a_master_that_changes_its_rate_in_an_answer_gets_no_whole_one():
    telegram = bytes.fromhex("6803036808017203FA16")
    bus = Bus(2400)
    key = bus.attach()
    bus.send(key, telegram, 0)
    begin = arrived(bus, MASTER, 10_000)
    bus.tune(MASTER, 9600, 10_000)
    rest = arrived(bus, MASTER)
    assert begin == [0x68, 0x03]
    assert rest and bytes(octet & 0xFF for octet in rest) != telegram[2:]


def test_a_slave_may_listen_at_several_rates_at_once_and_answers_at_one():
    bus = VirtualBus(9600)
    port = bus.slave(2400, feeds=(300, 2400, 9600))
    heard = []
    bus.master.write(ASK)
    bus.run(10**6)
    for rate, feed in port.feeds:
        octets = bytearray(300)
        n = feed.readinto(octets, feed.any())
        heard.append((rate, bytes(octets[:n]) == ASK, feed.errors(), feed.errors()))
    assert heard[1:] == [(2400, False, True, False), (9600, True, False, False)]
    assert not heard[0][1]
    port.init(9600)
    port.write(b"\xe5")
    bus.run(10**6)
    assert bytes(bus.master.inbox) == b"\xe5"
    assert not bus.master.errors()
    bus.bus.detach(port.key)
    bus.master.write(ASK)
    bus.run(10**6)
    assert not any(feed.any() for _, feed in port.feeds)


def test_a_port_flags_what_was_damaged_on_the_way():
    bus = VirtualBus(300)
    port = bus.slave(9600)
    bus.master.write(b"\xff")
    bus.run(10**6)
    assert bytes(port.inbox) == b"\x00\x00"
    assert port.errors() and not port.errors()
    bus.run(10**6)
    port.readinto(bytearray(9), 9)
    bus.master.init(9600)
    bus.master.write(b"\xff")
    bus.run(10**6)
    assert bytes(port.inbox) == b"\xff" and not port.errors()


def test_what_a_slave_has_not_sent_is_lost_when_it_changes_its_rate():
    bus = Bus(2400)
    key = bus.attach()
    bus.send(key, b"\xe5" * 5, 0)
    bus.deliver(10_000)
    bus.tune(key, 9600, 10_000)
    assert bus.due() is None
    assert bus.busy_until(key) == 0
