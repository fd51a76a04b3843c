# SPDX-License-Identifier: MIT
"""Whole telegrams: every CI, errors with their place, and what is kept beside them."""

from binascii import unhexlify

from mbus import frame, whole
from mbus.decode import Telegram
from mbus.value import decimal

# The variable example of the user group's documentation and the reference's own telegrams.
VARIABLE = "681F1F680802727856341224400107550000000313153100DA023B13018B60043718021816"
FIXED = "68131368080573785634120A00E97E01000000350100003C16"


def decoded(text):
    """(telegram, [(value or error, unit)]) of a frame in hexadecimal."""
    f = whole.parse(unhexlify(text))
    telegram = Telegram(f.data, 0, len(f.data), f.ci)
    rows = []
    for record in telegram.records():
        value = record.value
        if type(value) is tuple:
            value = decimal(*value)
        rows.append((value if value is not None else record.error, record.meaning.unit))
    return telegram, rows


def framed(ci, data):
    """A RSP_UD from address 5 with this user data, in hexadecimal."""
    octets = unhexlify(data)
    buf = bytearray(frame.MAX_FRAME)
    buf[frame.DATA : frame.DATA + len(octets)] = octets
    n = frame.seal(buf, frame.RSP_UD, 5, ci, len(octets))
    return "".join("%02X" % octet for octet in buf[:n])


RECORDS = "040301000000040602000000"
LONG = "785634120D1701022A080000"
SHORT = "2A080000"


def test_variable_data_with_each_header():
    rows = [("1", "Wh"), ("2000", "Wh")]
    telegram, found = decoded(framed(0x72, LONG + RECORDS))
    assert found == rows
    assert telegram.header == (unhexlify(LONG)[:8], 0x2A, 8, 0)
    assert telegram.device_type == 2
    telegram, found = decoded(framed(0x7A, SHORT + RECORDS))
    assert found == rows
    assert telegram.header == (None, 0x2A, 8, 0)
    assert telegram.device_type is None
    telegram, found = decoded(framed(0x78, RECORDS))
    assert found == rows
    assert telegram.header is None
    assert not telegram.errors


def test_the_example_of_the_documentation():
    telegram, rows = decoded(VARIABLE)
    assert rows == [("12.565", "m³"), ("0.113", "m³/h"), ("218370", "Wh")]
    assert (telegram.more, telegram.manufacturer, telegram.errors) == (False, None, [])


def test_mode_2_sends_the_most_significant_octet_first():
    data = "12345678170D01022A0800000403000000010D7803414243"
    telegram, rows = decoded(framed(0x76, data))
    assert telegram.header.address == unhexlify(LONG)[:8]
    assert rows == [("1", "Wh"), ("ABC", "")]


def test_the_fixed_data_structure():
    telegram, rows = decoded(FIXED)
    assert telegram.fixed
    assert telegram.device_type == 7
    assert telegram.header == (unhexlify("7856341200000000"), 0x0A, 0, 0)
    assert rows == [("0.001", "m³"), ("0.135", "m³")]
    # fmt: off
    for status, units, counters, expected in (
        ("01", "E97E", "0100000087000000", [("0.001", "m³"), ("0.135", "m³")]),      # binary
        ("00", "4502", "0100000035010000", [("1000", "Wh"), ("135", "Wh")]),
        ("00", "4B3F", "0100000035010000", [("1000", "J"), ("135", "")]),
        ("00", "8DAE", "0000000100000135", [("100000", "J"), ("13500", "m³")]),      # medium A
        ("00", "0001", "3059230022110300", [("23:59:30", ""), ("2022-11-03", "")]),
        ("00", "0000", "3059230000000A00", [("23:59:30", ""), ("no BCD number (000A0000)", "")]),
        ("00", "2F37", "0100000001000000", [("0.000001", "m³/h"), ("100", "m³/h")]),
        ("00", "383A", "0100000001000000", [("0.001", "°C"), ("1", "")]),
    ):
        telegram, rows = decoded(framed(0x73, "785634120A" + status + units + counters))
        assert rows == expected, (units, rows)
    # fmt: on


def test_a_historic_counter_has_storage_number_1():
    f = whole.parse(unhexlify(FIXED))
    records = list(Telegram(f.data, 0, len(f.data), f.ci).records())
    assert [r.meaning.storage for r in records] == [0, 1]
    assert records[0].dib_at is None
    assert bytes(f.data[records[1].data_at : records[1].next_at]) == unhexlify("35010000")


def test_application_errors_are_reported_with_their_words():
    for data, place, text in (
        ("", 7, "application error 00"),
        ("08", 7, "application error 08"),
        ("04", 7, "application error 04"),
    ):
        telegram, rows = decoded(framed(0x70, data))
        assert (rows, telegram.errors) == ([], [(place, text)])
    telegram, rows = decoded(framed(0x6E, SHORT + "10"))
    assert telegram.errors == [(11, "application error 10")]
    telegram, rows = decoded(framed(0x6F, LONG + "10"))
    assert telegram.errors == [(19, "application error 10")]


def test_alarms_are_a_record():
    for ci, header in ((0x71, ""), (0x74, SHORT), (0x75, LONG)):
        telegram, rows = decoded(framed(ci, header + "84"))
        assert rows == [("132", "")]
        assert not telegram.errors
    telegram, rows = decoded(framed(0x71, ""))
    assert telegram.errors == [(7, "the alarm octet is missing")]


def test_fillers_and_the_manufacturers_data_are_no_records():
    for tail, more in (("0F", False), ("1F", True)):
        text = framed(0x72, LONG + "2F2F" + RECORDS + "2F" + tail + "010203")
        telegram, rows = decoded(text)
        assert len(rows) == 2
        assert telegram.more is more
        at, end = telegram.manufacturer
        assert bytes(telegram.buf[at:end]) == b"\1\2\3"


def test_one_bad_record_costs_that_record():
    # fmt: off
    for name, records, expected, errors in (
        ("BCD", "0403010000000C06DDDDDDDD0B13562412",
         ["1", "no BCD number (DDDDDDDD)", "122.456"], []),
        ("DIFE", "040301000000" + "84" + "80" * 10 + "0003" + "01000000" + "0B13562412",
         ["1", "more than 10 DIFE", "122.456"], [(25, "more than 10 DIFE")]),
        ("VIFE", "040301000000" + "0483" + "80" * 10 + "00" + "01000000" + "0B13562412",
         ["1", "more than 10 VIFE", "122.456"], [(25, "more than 10 VIFE")]),
        ("end", "040301000000" + "0406010000",
         ["1"], [(25, "the record ends before its data do")]),
        ("DIF", "040301000000" + "3F06010000",
         ["1"], [(25, "reserved data field or LVAR, the length is unknown")]),
        ("LVAR", "040301000000" + "0D78CA010000",
         ["1"], [(25, "reserved data field or LVAR, the length is unknown")]),
    ):
        telegram, rows = decoded(framed(0x72, LONG + records))
        assert [row[0] for row in rows] == expected, name
        assert telegram.errors == errors, name
    # fmt: on


def test_a_header_cut_off_is_an_error_at_its_place():
    telegram, rows = decoded(framed(0x72, LONG[:-2]))
    assert (rows, telegram.errors) == ([], [(7, "a header of 12 octets is cut off after 11")])
    telegram, rows = decoded(framed(0x7A, ""))
    assert (rows, telegram.errors) == ([], [(7, "a header of 4 octets is cut off after 0")])


def test_encrypted_data_are_never_taken_for_clear_data():
    for mode in range(1, 16):
        for ci in (0x72, 0x75, 0x5B, 0x6F):
            telegram, rows = decoded(framed(ci, LONG[:-2] + "%02X" % mode + RECORDS))
            assert rows == []
            assert telegram.errors == [(19, "encrypted in mode %d, not decoded" % mode)]
        for ci in (0x7A, 0x74, 0x5A, 0x6E):
            telegram, rows = decoded(framed(ci, LONG[-8:-2] + "%02X" % mode + RECORDS))
            assert rows == []
            assert telegram.errors == [(11, "encrypted in mode %d, not decoded" % mode)]


def test_a_signature_of_old_meters_is_no_security_mode():
    _, rows = decoded(framed(0x72, LONG[:-4] + "FFFF" + RECORDS))
    assert len(rows) == 2


def test_commands_are_decoded_with_their_actions():
    telegram, rows = decoded("6806066853FE51017A082516")
    assert rows == [("8", "")]
    telegram, rows = decoded("680F0F6853FE510C79785634120C06070100005516")
    assert rows == [("12345678", ""), ("107000", "Wh")]
    telegram, rows = decoded("680404685305517F2816")
    assert (rows, telegram.errors) == ([], [])


def test_replies_with_another_ci_are_named_and_left():
    telegram, rows = decoded(framed(0x79, "0102"))
    assert (rows, telegram.errors) == ([], [(6, "CI 79 is not decoded")])
    telegram, rows = decoded(framed(0x73, "0102"))
    assert (rows, telegram.errors) == ([], [(6, "CI 73 is not decoded")])
