# SPDX-License-Identifier: MIT
"""`mbus write`: the octets of every command, and what becomes of refusals and lost answers."""

import pytest
from commands import run, three_meters
from papermeter import HERE, PaperMeter

from mbus.failures import NoAnswerError
from mbus.header import secondary_octets
from mbusnode import outcome, registernames, wire, writing
from mbusnode.counters import Ledger
from mbusnode.failure import Failure
from mbusnode.keys import Ring
from mbusnode.partner import Partner
from node.registers import ADD, CLEAR, FREEZE, SUBTRACT, WRITE

# The whole telegrams to address 5 of the protocol's list of commands; FCB is set.
ORDERS = (
    ("primary_address", "10", WRITE, "01 7A 0A"),
    ("meter_number", "87654321", WRITE, "0C 79 21 43 65 87"),
    ("identification", "010203042440" + "0104", WRITE, "07 79 04 03 02 01 24 40 01 04"),
    ("time", "2025-11-22T07:45", WRITE, "04 6D 2D 27 36 3B"),
    ("time_seconds", "2025-11-22 07:45:30", WRITE, "06 6D 1E 2D C7 36 3B 2F"),
    ("date", "2025-11-22", WRITE, "02 6C 36 3B"),
    ("time_of_day", "07:45:30", WRITE, "03 6D 1E 2D 07"),
    ("time_of_day", "30s", ADD, "03 ED 01 1E 00 00"),
    ("time_of_day", "10", SUBTRACT, "03 ED 02 0A 00 00"),
    ("tariff", "2", WRITE, "01 FF 13 02"),
    ("breaker", "off", WRITE, "01 FD 1F 00"),
    ("debiting_stop", None, WRITE, "00 FF C0 0B"),
    ("freeze", None, WRITE, "40 FE 0B"),
    ("reset_import", None, CLEAR, "80 80 80 40 84 FF 83 07"),
    ("reset_export", None, CLEAR, "80 80 80 40 84 BC FF 83 07"),
    ("credit", "50kWh", ADD, "04 FF 84 01 88 13 00 00"),
    ("credit", "5000", WRITE, "04 FF 04 88 13 00 00"),
    ("credit", None, CLEAR, "00 FF 84 07"),
    ("threshold", "8kW", WRITE, "04 AB 48 40 1F 00 00"),
    ("special_1", "12345678", WRITE, "0C FD 67 78 56 34 12"),
    ("special_2", "4711", WRITE, "8C 40 FD 67 11 47 00 00"),
    ("ratio", "100", WRITE, "02 FF 68 64 00"),
    ("ratio_lock", "locked", WRITE, "01 FF 14 01"),
    ("pulse_1", "0", WRITE, "84 40 FD 3A 00 00 00 00"),
    ("pulse_2", "1", WRITE, "84 80 40 FD 3A 01 00 00 00"),
)


@pytest.mark.parametrize(("name", "value", "action", "octets"), ORDERS)
def test_an_order_is_the_record_that_the_protocol_has_for_it(name, value, action, octets):
    assert writing.record(writing.order(name, value, action)).hex(" ").upper() == octets


def test_every_register_that_can_be_changed_has_an_order():
    ordered = {name for name, _, _, _ in ORDERS}
    others = {name for name, row in registernames.of().rows.items() if row.access & ~1} - ordered
    for name in others:
        assert writing.record(writing.order(name, "1"))
    assert len(ordered | others) >= 28


def test_what_a_register_cannot_do_is_wrong_usage():
    for name, value, action, words in (
        ("energy_import", "1", WRITE, "register energy_import cannot be written, only read"),
        ("threshold", "1", ADD, "register threshold cannot be added to, only written"),
        ("credit", "1", SUBTRACT, "only written or added to or cleared"),
        ("thresholt", "1", WRITE, "there is no register thresholt; did you mean threshold"),
        ("threshold", None, WRITE, "VALUE is missing: threshold is a number of W"),
        ("debiting_stop", "1", WRITE, "cannot be written, only called"),
        ("credit", "1", CLEAR, "VALUE 1: nothing is written to credit"),
        ("breaker", None, FREEZE, "cannot be called"),
    ):
        with pytest.raises(Failure) as failed:
            writing.order(name, value, action)
        assert words in str(failed.value)
        assert failed.value.code == 2


# ---- a meter that obeys ----


@pytest.fixture
def meter(monkeypatch):
    """A meter of paper at address 5, instead of a line."""
    meter = PaperMeter(threshold=bytes(4), credit=bytes(4), periods=b"\x07\x00")
    monkeypatch.setattr(wire, "run", meter.run)
    return meter


def alone(meter, address):
    """The partner of a meter without a key."""
    return Partner(meter.link, address, Ring(), Ledger())


def done(meter, address, what, capsys):
    writing.report(writing.carry_out(alone(meter, address), "5", what), what)
    return capsys.readouterr().out


def test_what_was_done_is_read_back(meter, capsys):
    def obey(order):
        meter.values["threshold"] = order[-4:]

    meter.obey = obey
    out = done(meter, 5, writing.order("threshold", "8kW"), capsys)
    assert out == "done: threshold is now 8 kW\n"
    assert meter.sent == [
        "10 40 05 45 16",
        "68 0A 0A 68 73 05 51 04 AB 48 40 1F 00 00 1F 16",
        "68 09 09 68 53 05 51 08 FF 2F 08 AB 48 DA 16",
        "10 7B 05 80 16",
        "68 0B 0B 68 73 05 51 00 FF AF 0D 00 AB C8 0D 04 16",
    ]
    # The meter's readout is what it was before.
    assert meter.asked == []


def test_a_command_without_a_value_shows_what_it_changed(meter, capsys):
    out = done(meter, 5, writing.order("debiting_stop", show=("periods",)), capsys)
    assert out == "done: debiting_stop, periods is now 7\n"


def test_a_refusal_is_told_in_words_and_nothing_is_forgotten_in_the_meter(meter):
    for code, words in (
        (0x10, "5 refused threshold: access denied: it is locked, or can only be read (10h)"),
        (0x11, "it has no such function, or that is not possible now (11h)"),
        (0x12, "the value is out of range or wrong (12h); it is still 0 W"),
        (0x81, "it takes that encrypted only (81h)"),
        (0x09, "too many readouts (09h)"),
    ):
        meter.error = code
        with pytest.raises(Failure) as failed:
            writing.carry_out(alone(meter, 5), "5", writing.order("threshold", "1"))
        assert words in str(failed.value)
        assert failed.value.code == 1
    # No application reset, which would clear the error and the set that was chosen.
    assert not any("05 50" in octets for octets in meter.sent)


def test_a_meter_that_tells_no_error_is_judged_by_the_value(meter, capsys):
    del meter.values["credit"]
    meter.tells_error = False
    meter.values["threshold"] = b"\x01\0\0\0"
    assert done(meter, 5, writing.order("threshold", "1"), capsys) == (
        "done: threshold is now 1 W\n"
    )
    for what, words in (
        (writing.order("threshold", "2"), "does not tell whether it did so; threshold is 1 W"),
        (writing.order("credit", "2"), "does not tell whether it did so"),
        (writing.order("debiting_stop"), "does not tell whether it did so"),
    ):
        with pytest.raises(Failure) as failed:
            writing.carry_out(alone(meter, 5), "5", what)
        assert str(failed.value) == "5 acknowledged it, but " + words


def test_a_meter_with_a_new_number_is_found_by_it(meter, capsys):
    def obey(order):
        meter.identification = order[-4:] + HERE[4:]
        meter.values["meter_number"] = order[-4:]

    meter.obey = obey
    out = done(meter, HERE, writing.order("meter_number", "87654321"), capsys)
    assert out == "done: meter_number is now 87654321\n"


def test_a_meter_that_keeps_its_number_is_found_by_the_old_one(meter):
    meter.error = 0x10
    with pytest.raises(Failure, match="refused meter_number: access denied"):
        writing.carry_out(alone(meter, HERE), "5", writing.order("meter_number", "87654321"))


# ---- a meter whose answers are lost ----


def test_a_lost_acknowledgement_is_made_good_by_the_same_telegram(meter, capsys):
    meter.lose = 2
    what = writing.order("credit", "10kWh", ADD)
    assert done(meter, 5, what, capsys).startswith("done: credit is now")
    assert len(meter.orders) == 1


def test_what_must_not_be_done_twice_is_in_doubt_then_and_read_back(meter):
    meter.lose = 3
    meter.values["credit"] = b"\xe8\x03\0\0"
    with pytest.raises(Failure) as failed:
        writing.carry_out(alone(meter, 5), "5", writing.order("credit", "10kWh", ADD))
    assert "5: whether it did that is not known: no answer from address 5" in str(failed.value)
    assert str(failed.value).endswith("; credit is 10 kWh")
    assert len(meter.orders) == 1


def test_a_command_that_was_never_sent_is_not_in_doubt(meter):
    other = secondary_octets("999999990D170102")
    with pytest.raises(Failure, match=r"^no answer from secondary address 99999999"):
        writing.carry_out(alone(meter, other), "99999999", writing.order("credit", "1", ADD))
    assert meter.orders == []


def test_a_value_that_was_written_is_not_in_doubt(meter):
    meter.lose = 3
    with pytest.raises(Failure, match=r"^no answer from address 5"):
        writing.carry_out(alone(meter, 5), "5", writing.order("threshold", "1"))


def test_a_command_is_not_repeated_when_the_meter_would_take_it_for_a_new_one(monkeypatch):
    meter = PaperMeter()
    ticks = [0]
    monkeypatch.setattr(outcome.cpython, "ticks_ms", lambda: ticks[0])

    def tries(interval_ms, once):
        sending = outcome.Sending(meter.link, 0x51, once)
        procedure = sending.watch(meter.link.master.send(5, 0x51, b"\x00\xff\xc0\x0b"))
        meter.link.master.forget(5)
        sizes = []
        with pytest.raises(NoAnswerError):
            size, _ = procedure.send(None)
            while True:
                sizes.append(size)
                ticks[0] += interval_ms
                size, _ = procedure.send(None)
        assert sending.begun
        return len(sizes) - 3  # without the three SND_NKE

    # 2 s at 2400 baud, less some margin.
    assert [tries(ms, True) for ms in (100, 900, 1100, 2100)] == [3, 3, 2, 1]
    assert tries(2100, False) == 3


# ---- over a bus ----


def test_the_module_obeys_or_says_why_not(capsys):
    with three_meters() as url:
        line = ("--port", url, "--baud", "9600")
        code, out, err = run(capsys, "write", "1", "meter_number", "11112222", *line)
        assert (code, out, err) == (0, "done: meter_number is now 11112222\n", "")
        code, out, _ = run(capsys, "write", "11112222", "primary_address", "9", *line)
        assert (code, out) == (0, "done: primary_address is now 9\n")
        code, out, _ = run(capsys, "write", "2", "primary_address", "10", *line)
        assert (code, out) == (0, "done: primary_address is now 10\n")
        code, out, err = run(capsys, "write", "3", "primary_address", "10", *line)
        assert (code, out) == (1, "")
        assert "address 10 is taken" in err
        code, out, err = run(capsys, "write", "3", "identification", "123456780D170103", *line)
        assert (code, out) == (1, "")
        assert err == (
            "mbus: 3 refused identification: the value is out of range or wrong (12h); it is "
            "still 123456800D170102\n"
        )
        code, out, err = run(capsys, "write", "3", "threshold", "--add", "1", *line)
        assert (code, out) == (2, "")
        code, out, _ = run(capsys, "read", "3", *line)
        assert (code, "2 telegrams, 32 records" in out) == (0, True)


def test_one_value_is_enough_and_may_stand_behind_the_options(capsys):
    for words in (("1", "2"), ("1", "--add", "2"), ("--port", "x", "1", "2")):
        code, out, err = run(capsys, "write", "1", "credit", *words)
        assert (code, out) == (2, "")
        assert "VALUE 1 2: one is enough" in err
    code, _, err = run(capsys, "write", "1", "credit", "--port", "nowhere", "1")
    assert (code, "there is no port nowhere" in err) == (1, True)
    code, _, err = run(capsys, "write", "1", "credit", "1", "--prt", "x")
    assert (code, "unrecognized arguments: --prt x" in err) == (2, True)
    code, _, err = run(capsys, "reset", "1", "2")
    assert (code, "unrecognized arguments: 2" in err) == (2, True)


def test_write_explains_itself_with_all_registers(capsys):
    code, out, _ = run(capsys, "write", "--help")
    assert code == 0
    listed = out.split("what VALUE may be:")[1].split()
    for name, row in registernames.of().rows.items():
        assert (name in listed) == bool(row.access & (WRITE | CLEAR | FREEZE)), name
