# SPDX-License-Identifier: MIT
"""An attacker with a converter of his own on the virtual bus, between `mbus` and its meter."""

import pytest
from keyfile import KEY_TEXT
from securedbench import bench

SHOWN = "read 5 --register special_1,breaker,credit,ratio,meter_number,event[0-1] --format csv"
ORDERS = (
    "write 5 special_1 11223344",
    "breaker 5 off",
    "breaker 5 on",
    "prepay 5 on",
    "prepay 5 set 50kWh",
    "prepay 5 add 7kWh",
    "ratio 5 200",
    "time 5 set 2026-01-02T03:04:05",
)


def sealed(frame, telegram):
    """A frame with another telegram, its length and checksum made anew."""
    body = frame[4:6] + telegram
    length = bytes((len(body), len(body)))
    return b"\x68" + length + b"\x68" + body + bytes((sum(body) & 0xFF, 0x16))


def forgeries(frame):
    """What an attacker makes of a recorded frame."""
    telegram = frame[6:-2]
    yield frame
    for at in (5, 20, len(telegram) - 1):
        yield sealed(frame, telegram[:at] + bytes((telegram[at] ^ 1,)) + telegram[at + 1 :])
    yield sealed(frame, telegram[17:] if telegram[0] == 0x90 else telegram[:-1])
    yield sealed(frame, telegram + bytes.fromhex("0cfd6799999999"))
    yield sealed(frame, telegram[:-16])


@pytest.mark.parametrize(("level", "orders"), [(1, ORDERS[:3]), (3, ORDERS)])
def test_recorded_and_changed_orders_do_nothing(tmp_path, capsys, monkeypatch, level, orders):
    with bench(capsys, tmp_path, monkeypatch, level) as one:
        for order in orders:
            one.done(order)
        recorded = one.orders()
        assert len(recorded) >= len(orders)
        before = shown(one)
        assert "11223344" in before
        for frame in recorded:
            for forged in forgeries(frame):
                code, words = one.run("raw " + forged.hex())
                assert code == 0 and "E5" in words.upper(), words
        assert shown(one) == before
        # The pause is over in a minute; who asks in time is told so.
        code, words = one.run("write 5 special_1 55667788")
        assert code == 1 and "minute" in words, words
        assert shown(one) == before


def shown(one):
    """What the owner reads, without the columns that change with each read-out."""
    lines = one.done(SHOWN).splitlines()
    names = lines[0].split(",")
    kept = [names.index(name) for name in ("value", "raw", "register")]
    rows = [line.split(",") for line in lines[1:] if line.count(",") >= len(names) - 1]
    assert len(rows) > 5
    return "\n".join(" ".join(row[n] for n in kept if n < len(row)) for row in rows)


@pytest.mark.parametrize("level", [1, 2])
def test_the_owner_goes_on_behind_a_number_near_the_one_before(
    tmp_path, capsys, monkeypatch, level
):
    # The meter's counter goes on behind the next multiple of 256 then, and in mode 5 too.
    mine = '[12345678]\nkey = "%s"\nlevel = %d\ncommands = 5\n' % (KEY_TEXT, level)
    with bench(capsys, tmp_path, monkeypatch, level, mine=mine) as one:
        for special in ("1", "2"):
            one.done("write 5 special_1 " + special)
        frame = one.orders()[0]
        one.done("write 5 meter_number 92345678")
        own = frame[7:10] + b"\x92" + frame[11:15]
        one.done("raw " + sealed(frame, frame[6:7] + own + frame[15:-2]).hex())
        assert ",02000000," in one.done("read 5 --register special_1 --format csv")
        one.done("write 5 special_1 3")
        assert ",03000000," in one.done("read 5 --register special_1 --format csv")
