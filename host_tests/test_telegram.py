# SPDX-License-Identifier: MIT
"""The emulated meter's telegrams, octet by octet."""

from binascii import hexlify, unhexlify

from mbus.encode import text
from mbus.record import MORE, put
from mbus.whole import parse
from meter import keys
from meter.reading import value
from telegrams import module, readout, records

# The complete telegrams of the register map: address 5, access numbers 2Ah and 2Bh.
FIRST = (
    "687A7A6808057278563412 0D1701022A000000 04044E61BC00 04843C07870000 04FB0229090000"
    "04FB823C0C000000 84100480969800 842004CECA2300 142B991C0000 14AB3CB0040000"
    "94102B991C0000 94202B5A140000 04FB7B98FF0000 042BFE050000 0C7821436587 0C7978563412"
    "046D2D27363B 042239300000 1F 5616"
)
SECOND = (
    "688F8F6808057278563412 0D1701022B000000 84804082FF0F87D61200 84804082BCFF0F800D0000"
    "146D1E323335 94106D1E323335 94206D00313235 14FB1434080000 14FB943C2C010000"
    "02FDC8FC01FD08 02FDC8FC02FA08 02FDC8FC030809 04FDDAFC01DF000000 04FDDAFC022D010000"
    "04FDDAFC0391000000 04ABFC01FF010000 04ABFC02B2020000 04ABFC034D010000 0416"
)


def test_the_default_telegrams_octet_by_octet():
    frames = readout(module(primary=5))
    assert [hexlify(octets).decode().upper() for octets in frames] == [
        FIRST.replace(" ", ""),
        SECOND.replace(" ", ""),
    ]


def test_a_third_telegram_follows_where_it_is_configured():
    frames = readout(module(telegrams=3, primary=5))
    assert len(frames) == 3
    assert frames[0] == unhexlify(FIRST.replace(" ", ""))
    assert frames[1][-3] == MORE and frames[2][-3] != MORE
    assert [octets[15] for octets in frames] == [0x2A, 0x2B, 0x2C]


def test_every_telegram_is_sound_and_no_longer_than_255_octets():
    for meter in (1, 2, 17, 250):
        device = module(telegrams=3, meter=meter)
        for octets in readout(device):
            frame = parse(octets)
            assert len(octets) <= 255
            assert frame.data[:8] == bytes(device.identification)
            assert records(octets)


def test_meters_differ_and_their_sums_hold():
    seen = set()
    for number in (1, 2, 3, 40):
        meter = module(meter=number).meter
        one = [value(meter, keys.ENERGY, i) for i in range(40)]
        for total in range(0, 40, 5):
            assert one[total] == sum(one[total + 1 : total + 5]), (number, total)
        assert one[30] == one[10] + one[15] and one[35] == one[20] + one[25]
        live = [value(meter, keys.LIVE, i) for i in range(16)]
        assert live[15] == live[0] + live[1] + live[2]
        seen.add(one[0])
    assert len(seen) == 4


def test_text_is_sent_last_character_first():
    assert text("ab1") == b"\x031ba"
    buf = bytearray(20)
    assert put(buf, 0, b"\x0d", b"\xfd\x0f", text("ab1")) == 7
    assert bytes(buf[:7]) == unhexlify("0DFD0F03316261")
