# SPDX-License-Identifier: MIT
"""The UART of the emulated chip by its registers, as the manual of the PL011 has them."""

from chip.board import Pico
from chip.lines import EVEN, ODD, Peer

DR, FR, IBRD, FBRD, LCR, CR, IFLS = 0x00, 0x18, 0x24, 0x28, 0x2C, 0x30, 0x34
IMSC, RIS, MASKED, ICR, DMACR = 0x38, 0x3C, 0x40, 0x44, 0x48
BUSY, RX_EMPTY, TX_FULL, RX_FULL, TX_EMPTY = 0x08, 0x10, 0x20, 0x40, 0x80
RX, TX, TIMEOUT, FRAMING, PARITY, BREAK, OVERRUN = (1 << n for n in range(4, 11))
FIFOS, EIGHT, PARITY_ON, EVEN_ON = 0x10, 0x60, 0x02, 0x04
BASE, PERI_CTRL, TX_PIN, RX_PIN = 0x40038000, 0x40008048, 0x40014024, 0x4001402C
RAM, DMA = 0x20001000, 0x50000000
BIT_US = 1e6 / 2400


class Bench:
    """UART 1 at 2400 baud, 8E1, between pins 4 and 5 and a peer; the processor sleeps."""

    def __init__(self, lcr=EIGHT | FIFOS | PARITY_ON | EVEN_ON, parity=EVEN, **inverted):
        self.pico = Pico(b"")
        self.pico.rp2040.core.waiting = True
        self.uart = self.pico.uart[1]
        self.joined = joined = self.pico.join(1, 4, 5, **inverted)
        self.peer = Peer(self.pico.scheduler, joined.down, joined.up, parity=parity)
        over = [0x100 * inverted.get("invert_tx", 0), 0x10000 * inverted.get("invert_rx", 0)]
        chip = self.pico.rp2040
        chip.write_uint32(PERI_CTRL, 2 << 5)
        chip.write_uint32(TX_PIN, 2 | over[0])
        chip.write_uint32(RX_PIN, 2 | over[1])
        for register, value in ((IBRD, 1250), (FBRD, 0), (LCR, lcr), (CR, 0x301)):
            self.put(register, value)

    def put(self, register, value):
        self.pico.rp2040.write_uint32(BASE + register, value)

    def get(self, register):
        return self.pico.rp2040.read_uint32(BASE + register)

    def bits(self, n):
        self.pico.run_us(n * BIT_US)

    def taken(self):
        words = []
        while not self.get(FR) & RX_EMPTY:
            words.append(self.get(DR))
        return words


def test_the_rate_is_made_of_the_clock_that_clk_peri_is_set_to():
    bench = Bench()
    assert round(1e9 / bench.uart.bit_ns) == 2400
    bench.pico.rp2040.write_uint32(PERI_CTRL, 0)
    assert round(1e9 / bench.uart.bit_ns) == 6250


def test_octets_leave_at_the_rate_one_after_the_other():
    bench = Bench()
    for octet in b"\x10\x5b\xfe":
        bench.put(DR, octet)
    assert bench.get(FR) & BUSY
    bench.bits(32.5)
    assert bench.get(FR) & BUSY
    bench.bits(1)
    assert bench.get(FR) & (BUSY | TX_EMPTY) == TX_EMPTY
    assert bench.peer.octets == b"\x10\x5b\xfe"
    begin, end = bench.uart.sent[0][1], bench.uart.sent[2][2]
    assert abs(end - begin - 33 * BIT_US) < 1


def test_dma_sends_without_a_gap_and_no_further_ahead_than_the_fifo():
    bench = Bench()
    chip = bench.pico.rp2040
    octets = bytes(range(100))
    for i, octet in enumerate(octets):
        chip.write_uint8(RAM + i, octet)
    bench.put(DMACR, 2)
    # Channel 0 by the request of UART 1: octets, from memory that goes on to one register.
    for register, value in ((0x00, RAM), (0x04, BASE), (0x10, 22 << 15 | 1 << 4 | 1), (0x1C, 100)):
        chip.write_uint32(DMA + register, value)
    bench.bits(11 * 10)
    assert bench.get(FR) & BUSY and chip.read_uint32(DMA + 0x08) == 100 - 10 - 1 - 32
    chip.write_uint8(RAM + 99, 0xAA)  # not yet taken
    bench.bits(11 * 91)
    assert not bench.get(FR) & BUSY and not chip.read_uint32(DMA + 0x08)
    assert bench.peer.octets == octets[:99] + b"\xaa"
    begin, end = bench.uart.sent[0][1], bench.uart.sent[99][2]
    assert abs(end - begin - 1100 * BIT_US) < 1


def test_a_full_fifo_takes_no_more():
    bench = Bench()
    for octet in range(40):
        bench.put(DR, octet)
    assert bench.get(FR) & TX_FULL
    bench.bits(11 * 40)
    assert bench.peer.octets == bytes(range(33))  # one is being sent


def test_the_transmit_interrupt_comes_when_the_fifo_falls_through_its_level():
    bench = Bench()
    bench.put(IFLS, 0)  # 4
    for octet in range(8):
        bench.put(DR, octet)
    assert not bench.get(RIS) & TX
    bench.bits(11 * 2 + 1)
    assert not bench.get(RIS) & TX
    bench.bits(11)
    assert bench.get(RIS) & TX
    bench.put(ICR, TX)
    bench.bits(11 * 8)
    assert not bench.get(RIS) & TX


def test_the_receive_interrupt_comes_at_its_level_and_goes_when_read():
    bench = Bench()
    bench.put(IFLS, 0)  # 4
    bench.put(IMSC, RX)
    bench.peer.send(b"abcd")
    bench.bits(11 * 3.9)
    assert not bench.get(RIS) & RX
    bench.bits(2)
    assert bench.get(RIS) & RX
    assert bench.get(MASKED) == RX
    assert bench.get(DR) == ord("a")
    assert not bench.get(RIS) & RX


def test_the_receive_timeout_comes_after_32_bit_times_of_silence():
    bench = Bench()
    bench.peer.send(b"a")
    bench.bits(10.5 + 31)
    assert not bench.get(RIS) & TIMEOUT
    bench.bits(1.5)
    assert bench.get(RIS) & TIMEOUT
    bench.get(DR)
    assert not bench.get(RIS) & TIMEOUT


def test_a_wrong_parity_is_told_with_its_octet_and_until_it_is_cleared():
    bench = Bench()
    bench.peer.send(b"\x01\x02\x03", wrong_parity=(1,))
    bench.bits(34)
    assert bench.get(RIS) & (PARITY | FRAMING | BREAK) == PARITY
    assert bench.taken() == [0x001, 0x202, 0x003]
    assert bench.get(RIS) & PARITY
    bench.put(ICR, PARITY)
    assert not bench.get(RIS) & PARITY


def test_odd_parity_and_none():
    for lcr, parity in ((EIGHT | FIFOS | PARITY_ON, ODD), (EIGHT | FIFOS, None)):
        bench = Bench(lcr, parity)
        bench.peer.send(b"\x01\x03\xff")
        bench.put(DR, 0x57)
        bench.bits(40)
        assert bench.taken() == [0x01, 0x03, 0xFF]
        assert bench.peer.heard[0][:2] == (0x57, "")


def test_another_rate_is_a_framing_or_parity_error():
    bench = Bench()
    bench.peer.baud = 300
    bench.peer.send(b"\x10\x40\x01")
    bench.bits(8 * 40)
    assert bench.get(RIS) & (FRAMING | PARITY)


def test_a_break_is_one_octet_0_however_long_it_lasts():
    bench = Bench()
    bench.peer.hold_break(100 * BIT_US)
    bench.bits(120)
    assert bench.taken() == [0x500]
    assert bench.get(RIS) & BREAK
    bench.peer.send(b"x")
    bench.bits(12)
    assert bench.taken() == [ord("x")]


def test_what_finds_no_room_is_an_overrun():
    bench = Bench()
    bench.peer.send(bytes(range(34)))
    bench.bits(34 * 11)
    assert bench.get(FR) & RX_FULL
    assert bench.get(RIS) & OVERRUN
    assert bench.uart.overruns == 2
    assert bench.taken() == list(range(32))
    bench.peer.send(b"\x55\x55")
    bench.bits(23)
    assert bench.taken() == [0x855, 0x055]


def test_glitches_are_no_octets():
    bench = Bench()
    bench.peer.hold_break(0.4 * BIT_US)
    bench.bits(20)
    assert bench.taken() == []


def test_two_that_send_at_once_make_one_telegram_of_both():
    bench = Bench()
    other = Peer(bench.pico.scheduler, bench.joined.down, bench.joined.up)
    bench.peer.send(b"\xf0")
    other.send(b"\x3c")
    bench.bits(12)
    assert bench.taken() == [0x30]


def test_what_a_transceiver_inverts_the_pads_turn_again():
    bench = Bench(invert_tx=True, invert_rx=True)
    bench.peer.send(b"\x10\x5b")
    bench.put(DR, 0x68)
    bench.bits(25)
    assert bench.taken() == [0x10, 0x5B]
    assert bench.peer.heard[0][:2] == (0x68, "")


def test_a_pin_that_leads_elsewhere_hears_and_says_nothing():
    bench = Bench()
    bench.pico.rp2040.write_uint32(TX_PIN, 5)
    bench.pico.rp2040.write_uint32(RX_PIN, 5)
    bench.peer.send(b"\x10")
    bench.put(DR, 0x68)
    bench.bits(25)
    assert bench.taken() == []
    assert bench.peer.octets == b""
