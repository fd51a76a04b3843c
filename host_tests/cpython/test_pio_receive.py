# SPDX-License-Identifier: MIT
"""The receivers of the rp2 port in a PIO emulator: octets, errors in their place, three rates."""

import random

import pytest
from pioboard import Board
from piosignals import octet_bits, send

from mbus.autobaud import RATES, ParallelLink
from mbus.frame import FrameParser
from mbus.slave import Slave
from mbus.timing import bits_ms, reply_max_ms
from stations import Device, long

PIN = 5
ERROR = "error"
each_rate = pytest.mark.parametrize("rate", RATES)


def receivers(rates=RATES, **chip):
    """A board whose line is still idle, and [Receiver, ...]."""
    board = Board(**chip)
    made = board.load("rp2_receive").Receivers(PIN, rates, range(5, 5 + len(rates)))
    assert [rate for rate, _ in made.feeds] == list(rates)
    return board, [receiver for _, receiver in made.feeds]


def take(receiver, found):
    """What has come, in its order; errors that follow each other are one."""
    waiting = receiver.any()
    if receiver.errors() and found[-1:] != [ERROR]:
        found.append(ERROR)
    buf = bytearray(waiting)
    if waiting:
        assert receiver.readinto(buf, waiting) == waiting
    found.extend(buf)


def hear(board, receiver, until, step):
    found = []
    while board.now < until:
        board.run(step)
        take(receiver, found)
    for _ in range(len(found) + 2):
        take(receiver, found)
    return found


@pytest.mark.parametrize("off", [-0.02, 0, 0.02])
@pytest.mark.parametrize("seed", range(2))
@each_rate
def test_octets_back_to_back_with_damage_in_its_place(rate, seed, off):
    rng = random.Random(seed)
    board, (receiver,) = receivers((rate,))
    said, expected, at = board.line(PIN), [], 0.01 + rng.random() / rate
    for _ in range(120):
        octet, fate = rng.getrandbits(8), rng.random()
        bits = octet_bits(octet, bad_parity=fate < 0.15, stop=int(not 0.15 <= fate < 0.25))
        # Without a stop bit the line is idle for a while: nothing else tells where it goes on.
        at = send(said, at, rate * (1 + off), [bits], pause_bits=0 if bits[10] else 1)
        if fate >= 0.25:
            expected.append(octet)
        elif expected[-1:] != [ERROR]:
            expected.append(ERROR)
    assert hear(board, receiver, at + 0.01, 20 / rate) == expected
    assert expected.count(ERROR) > 10


@each_rate
def test_any_single_damaged_bit_is_found(rate):
    for place in range(1, 11):
        board, (receiver,) = receivers((rate,))
        bits = octet_bits(0xA5)
        bits[place] ^= 1
        end = send(board.line(PIN), 0.01, rate, [0x31, bits], pause_bits=3)
        end = send(board.line(PIN), end, rate, [0x68])
        assert hear(board, receiver, end + 0.01, 0.05) == [0x31, ERROR, 0x68], place


@each_rate
def test_what_came_before_damage_is_told_before_it(rate):
    board, (receiver,) = receivers((rate,))
    end = send(board.line(PIN), 0.01, rate, [0x10, 0x40, octet_bits(1, True), 0x41, 0x16])
    board.run(end)
    buf = bytearray(9)
    assert (receiver.any(), receiver.errors(), receiver.any()) == (2, False, 2)
    assert receiver.readinto(buf, 1) == 1 and receiver.any() == 1
    assert receiver.readinto(buf, 9) == 1 and receiver.readinto(buf, 9) is None
    assert (receiver.any(), receiver.errors(), receiver.errors()) == (2, True, False)
    assert receiver.readinto(buf, 9) == 2 and buf[:2] == b"\x41\x16"
    assert (receiver.any(), receiver.errors()) == (0, False)


@each_rate
def test_a_break_is_one_error_and_what_follows_is_heard(rate):
    for bits in (11.5, 12, 30, 200):
        board, (receiver,) = receivers((rate,))
        said = board.line(PIN)
        end = send(said, 0.01, rate, [0x55])
        said.to(0, end)
        said.to(1, end + bits / rate)
        end = send(said, end + (bits + 1) / rate, rate, [0xE5, 0x00])
        assert hear(board, receiver, end + 0.01, 0.003) == [0x55, ERROR, 0xE5, 0x00], bits


@each_rate
def test_what_is_shorter_than_half_a_start_bit_is_nothing(rate):
    board, (receiver,) = receivers((rate,))
    said, at = board.line(PIN), 0.01
    for _ in range(20):
        said.to(0, at)
        said.to(1, at + 0.4 / rate)
        at = send(said, at + 1.37 / rate, rate, [0x16], pause_bits=0.7)
    assert hear(board, receiver, at, 0.01) == [0x16] * 20


@each_rate
def test_what_is_not_fetched_in_time_is_an_error_and_the_rest_is_sound(rate):
    board, (receiver,) = receivers((rate,))
    said = board.line(PIN)
    end = send(said, 0.01, rate, [0x42] * 31)
    board.run(end)
    assert receiver.any() == 31 and not receiver.errors()
    end = send(said, end, rate, [0x17] * 256)
    board.run(end - board.now)
    assert receiver.any() == 0 and receiver.errors()
    end = send(said, end, rate, [0xE5])
    board.run(end + 0.01 - board.now)
    assert take(receiver, found := []) is None and found == [0xE5]


def test_a_ring_holds_a_quarter_of_a_second_and_a_flash_erase():
    for rate, octets in ((300, 32), (1200, 32), (2400, 64), (9600, 256), (38400, 256)):
        receive = Board().load("rp2_receive")
        assert 1 << receive._ring_bits(rate) == octets, rate
        if rate <= 9600:
            assert octets * 11 / rate >= 0.25


def test_hearing_goes_on_when_the_transfers_of_the_dma_are_used_up(monkeypatch):
    board = Board()
    receive = board.load("rp2_receive")
    monkeypatch.setattr(receive.rp2_pio, "TRANSFERS", 7)
    ((_, receiver),) = receive.Receivers(PIN, (2400,), (6,)).feeds
    octets = [random.Random(5).getrandbits(8) for _ in range(100)]
    end = send(board.line(PIN), 0.01, 2400, octets)
    assert hear(board, receiver, end + 0.05, 0.013) == octets


@pytest.mark.parametrize("clock_hz", [125_000_000, 150_000_000, 200_000_000, 48_000_000])
def test_the_rates_are_right_at_any_clock_of_the_chip(clock_hz):
    board, _ = receivers(clock_hz=clock_hz)
    for machine, rate in zip(board.machines.values(), RATES, strict=True):
        assert abs(machine.hz / (16 * rate) - 1) < 0.001


def frame_of(board, receiver, end, found):
    """Push what a receiver has into a parser as a feed does; add the frames."""
    parser = FrameParser()
    octets = hear(board, receiver, end, 0.002)
    for octet in octets:
        if octet == ERROR:
            parser.spoil()
            parser.clear()  # the hardest case: it listens on at once
        elif parser.push(octet):
            found.append(parser.frame())


@each_rate
def test_only_the_receiver_at_the_right_rate_finds_a_telegram(rate):
    rng = random.Random(rate)
    for _ in range(2):
        data = "".join("%02X" % rng.getrandbits(8) for _ in range(rng.randrange(4, 9)))
        octets = bytes.fromhex(long(0x53, 5, 0x51, data))
        for own in RATES:
            board, (receiver,) = receivers((own,))
            end = send(board.line(PIN), 0.05, rate, octets)
            found = []
            frame_of(board, receiver, end + 0.05, found)
            assert [frame.data.hex().upper() for frame in found] == [data] * (own == rate)


class Stream:
    """As the rp2 port makes it: receivers for what comes, a UART for what goes."""

    def __init__(self, board):
        self.feeds = board.load("rp2_receive").Receivers(PIN, RATES).feeds
        self.baud = None
        self.written = []
        self._board = board

    def any(self):
        return 0

    def init(self, baudrate):
        self.baud = baudrate

    def write(self, octets):
        self.written.append((self._board.now, self.baud, bytes(octets)))
        return len(octets)

    def txdone(self):
        return True


@pytest.mark.parametrize("order", [RATES, (9600, 300, 2400), (2400, 9600, 300)])
def test_the_first_telegram_is_answered_whatever_its_rate(order):
    board = Board()
    stream = Stream(board)
    link = ParallelLink(stream, Slave(Device(primary=5, telegrams=1)), 2400)
    for rate in order:
        # A reset, then a request.
        for request, head in (("1040054516", b"\xe5"), ("107B058016", b"\x68")):
            end = send(board.line(PIN), board.now + 0.05, rate, bytes.fromhex(request))
            while board.now < end + reply_max_ms(rate) / 1000 + 0.3:
                board.run(0.002)
                link.poll(int(board.now * 1000))
            ((began, baud, octets),) = stream.written
            stream.written.clear()
            assert (baud, octets[:1]) == (rate, head)
            assert bits_ms(11, rate) - 1 <= (began - end) * 1000 <= reply_max_ms(rate)
    assert len(board.memory[1]) == 1


def test_what_is_damaged_is_answered_by_none():
    board = Board()
    stream = Stream(board)
    link = ParallelLink(stream, Slave(Device(primary=5, telegrams=1)), 2400)
    octets = [0x10, 0x40, 0x05, octet_bits(0x45, bad_parity=True), 0x16]
    for rate in RATES:
        at = send(board.line(PIN), board.now + 0.05, rate, octets)
        while board.now < at + 0.3:
            board.run(0.002)
            link.poll(int(board.now * 1000))
    assert stream.written == []
