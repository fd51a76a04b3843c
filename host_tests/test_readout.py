# SPDX-License-Identifier: MIT
"""What the master takes from a telegram: its sender, whether more follows, one record's data."""

from binascii import unhexlify

from mbus.frame import Frame
from mbus.readout import more_follows, owner, record_data

LONG = "785634120D1701022A000000"
SHORT = "2A000000"

# fmt: off
FOLLOWS = (
    # CI    user data                          more
    (0x72, LONG,                              False),
    (0x72, LONG + "011305",                   False),
    (0x72, LONG + "0113051F",                 True),
    (0x72, LONG + "1F",                       True),
    (0x72, LONG + "0113051FAA55",             True),   # manufacturer data behind it
    (0x72, LONG + "2F2F0113052F1F",           True),
    (0x72, LONG + "0113050F1F",               False),  # 0Fh: the rest is the manufacturer's
    (0x72, LONG + "01131F",                   False),  # 1Fh as a value
    (0x72, LONG + "0C781F1F1F1F",             False),
    (0x72, LONG + "8D131F",                   False),  # the record ends too early
    (0x72, LONG[:-4] + "00051F",              False),  # encrypted
    (0x72, LONG[:-4] + "00101F",              True),   # an old meter's signature
    (0x7A, SHORT + "0113051F",                True),
    (0x7A, SHORT[:-4] + "00051F",             False),
    (0x78, "0113051F",                        True),
    (0x72, "1F",                              False),  # no whole header
    (0x73, "785634122A00E97E01000000351F0000", False),
    (0x70, "1F",                              False),
)
# fmt: on


def frame(ci, data):
    return Frame(0x08, 5, ci, unhexlify(data))


def test_more_follows_where_the_last_dif_is_1f():
    for ci, data, more in FOLLOWS:
        assert more_follows(frame(ci, data)) is more, (ci, data)


def test_the_sender_is_in_a_long_header_only():
    assert owner(frame(0x72, LONG + "011305")) == unhexlify("785634120D170102")
    assert owner(frame(0x72, LONG[:-2])) is None
    assert owner(frame(0x7A, SHORT + LONG)) is None


def test_the_data_of_a_record_are_found_by_its_head():
    data = LONG + "0113050C7821436587" + "01131F"
    assert record_data(frame(0x72, data), b"\x0c\x78") == unhexlify("21436587")
    assert record_data(frame(0x72, data), b"\x01\x13") == b"\x05"
    assert record_data(frame(0x72, data), b"\x0c\x79") is None
    assert record_data(frame(0x72, LONG + "0F0C7821436587"), b"\x0c\x78") is None
    assert record_data(frame(0x72, LONG + "0F"), b"") is None


def test_the_sender_of_a_secured_telegram_stands_behind_its_afl():
    front = "0F002C25B30A00002DA4F5E2FD7E4393"
    telegram = front + "72" + LONG[:-4] + "200710" + 32 * "AA"
    assert owner(frame(0x90, telegram)) == unhexlify("785634120D170102")
    for n in range(len(front) // 2 + 13):
        assert owner(frame(0x90, telegram[: 2 * n])) is None, n
    assert owner(frame(0x90, front + "7A" + SHORT + 32 * "AA")) is None
    assert owner(frame(0x90, "FF" + telegram[2:])) is None
