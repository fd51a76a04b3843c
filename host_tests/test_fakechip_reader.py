# SPDX-License-Identifier: MIT
"""The reader role on fake chips: it reads meters on the line, through erases of its flash."""

from binascii import unhexlify

from chipbench import Bench
from fakechip.flash import Flash
from fakechip.line import Peer
from fakechip.meters import Meters
from fakeline import FakeMeter
from mbus.exchange import MasterLink
from mbus.header import secondary_octets
from mbus.master import Master

RECORDS = unhexlify("0413" + "78563412") * 30  # 180 octets of user data


def meters(n, records=(RECORDS,)):
    return [FakeMeter(secondary_octets("1449100%d0D170102" % i), i + 1, records) for i in range(n)]


def drive(bench, link, procedure, between=None):
    """Poll as a loop with its sleeps does, until the procedure is done."""
    chip = bench.chip
    link.start(procedure, chip.clock.now // 1000 & 0x3FFFFFFF)
    while not link.done:
        chip.run_ms(link.poll(chip.clock.now // 1000 & 0x3FFFFFFF))
        if between:
            between()
    if link.error:
        raise link.error
    return link.result


def test_meters_are_read_at_every_rate_on_both_chips():
    for variant in ("rp2", "esp32"):
        for baud in (300, 2400, 9600):
            with Bench(variant, baud, rxbuf=600, txbuf=300) as b:
                Meters(b.line, meters(3), baud)
                link = MasterLink(b.uart, Master(), baud)
                for address in (1, 2, 3):
                    seen = []
                    assert drive(b, link, link.master.read(address, seen.append)) == 1
                    assert seen[0].data[12:] == RECORDS
                assert b.serial.lost == 0


def test_an_erase_within_an_answer_costs_a_repetition_where_octets_are_lost():
    for variant, baud, lost, requests in (
        ("rp2", 2400, 0, 1),
        ("rp2", 9600, 1, 2),
        ("esp32", 9600, 0, 1),
    ):
        with Bench(variant, baud, rxbuf=600, txbuf=300) as b:
            bus = Meters(b.line, meters(1), baud)
            link = MasterLink(b.uart, Master(), baud)
            flash = Flash(b.chip, 1, erase_us=(45000, 45000))

            def once():
                if not flash.stalls and len(b.serial.ring) + len(b.serial.fifo) >= 1:
                    flash.erase()

            seen = []
            drive(b, link, link.master.reset(1))
            before = bus.requests
            assert drive(b, link, link.master.read(1, seen.append), once) == 1
            assert flash.stalls == 1
            assert seen[0].data[12:] == RECORDS
            assert (b.serial.lost > 0) == bool(lost)
            assert bus.requests - before == requests, (variant, baud)


def test_two_meters_at_one_address_collide():
    with Bench("rp2", 2400) as b:
        first, second = meters(2)
        second.primary = 1
        Meters(b.line, (first, second), 2400)
        heard = Peer(b.line, 2400)
        link = MasterLink(b.uart, Master(tries=1), 2400)
        try:
            drive(b, link, link.master.read(1, len))
            answered = True
        except Exception as e:
            answered = type(e).__name__
        assert answered == "DamagedError"
        assert any(errors for _, _, errors in heard.heard)
