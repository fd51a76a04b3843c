# SPDX-License-Identifier: MIT
"""The flash of the emulated chip: it is busy for its time, and a cut leaves half a change."""

from chip.board import Pico
from chip.flash import PAGE, SECTOR

WRITE_ENABLE, STATUS, ERASE, PROGRAM = 0x06, 0x05, 0x20, 0x02
SSI, DR, SSIENR = 0x18000000, 0x60, 0x08
SS_CTRL, LOW, HIGH = 0x4001800C, 0x200, 0x300
AT = 0x0A1000
ADDRESS = AT.to_bytes(3, "big")


class Bench:
    """The flash of a chip, commanded as the boot ROM does: over SSI, with a pin as select."""

    def __init__(self):
        self.pico = Pico(b"")
        self.pico.rp2040.core.waiting = True
        self.times = self.pico.flash_times
        self.pico.rp2040.write_uint32(SSI + SSIENR, 1)

    def command(self, *octets):
        chip = self.pico.rp2040
        chip.write_uint32(SS_CTRL, HIGH)
        chip.write_uint32(SS_CTRL, LOW)
        answer = []
        for octet in octets:
            chip.write_uint32(SSI + DR, octet)
            answer.append(chip.read_uint32(SSI + DR))
        chip.write_uint32(SS_CTRL, HIGH)
        return answer

    def busy(self):
        return self.command(STATUS, 0)[1] & 1

    def change(self, *octets):
        self.command(WRITE_ENABLE)
        self.command(*octets)

    def lasts(self):
        begin = self.pico.now_us
        self.pico.run_until(lambda: not self.busy(), 1e6, 50)
        return round(self.pico.now_us - begin)


def filled(bench, octet=0):
    bench.change(PROGRAM, *ADDRESS, *[octet] * PAGE)
    bench.lasts()


def test_erase_and_program_take_their_time():
    bench = Bench()
    bench.change(PROGRAM, *ADDRESS, *[0] * PAGE)
    assert abs(bench.lasts() - 400) <= 50
    bench.change(ERASE, *ADDRESS)
    assert abs(bench.lasts() - 45_000) <= 50
    bench.times.erase_us = 400_000
    bench.change(ERASE, *ADDRESS)
    assert abs(bench.lasts() - 400_000) <= 50
    assert [size for _, size, _ in bench.times.operations] == [PAGE, SECTOR, SECTOR]


def test_nothing_is_done_without_write_enable():
    bench = Bench()
    bench.command(PROGRAM, *ADDRESS, *[0] * PAGE)
    assert not bench.busy()
    assert bench.times.operations == []


def test_a_cut_leaves_a_part_of_an_erase_and_more_the_later_it_comes():
    ones = []
    for us in (0, 15_000, 30_000, 46_000):
        bench = Bench()
        filled(bench)
        bench.change(ERASE, *ADDRESS)
        bench.pico.run_us(us)
        page = bench.times.cut(seed=5)[AT : AT + PAGE]
        ones.append(sum(octet.bit_count() for octet in page))
    assert ones == sorted(ones)
    assert ones[0] < 20
    assert 0.2 < ones[1] / (PAGE * 8) < 0.45
    assert ones[3] == PAGE * 8


def test_a_cut_leaves_a_part_of_a_program():
    bench = Bench()
    bench.change(PROGRAM, *ADDRESS, *b"\x0f" * PAGE)
    bench.pico.run_us(200)
    page = bench.times.cut()[AT : AT + PAGE]
    assert {octet & 0x0F for octet in page} == {0x0F}
    assert len({octet >> 4 for octet in page}) > 4
    assert bench.times.cut(seed=1) == bench.times.cut(seed=1) != bench.times.cut(seed=2)


def test_a_cut_while_nothing_is_written_leaves_all_as_it_is():
    bench = Bench()
    filled(bench, 0x5A)
    assert bench.times.cut()[AT : AT + PAGE] == b"\x5a" * PAGE
    other = bench.pico.cut_power()
    assert bytes(other.rp2040.flash[AT : AT + PAGE]) == b"\x5a" * PAGE
