# SPDX-License-Identifier: MIT
"""Secured commands whose telegrams or acknowledgements are lost: done once, and told truly."""

import os
import time
from contextlib import contextmanager

import pytest
from commands import run
from keyedmeter import KeyedMeter
from keyfile import KEY, entry, written

from mbusnode import busline, writing, writtenvalue
from mbusnode.failure import Failure
from node.registers import ADD


def orders(meter):
    """The secured telegrams that were sent, one after the other, from their CI on."""
    return [
        octets[6:-2] for octets in meter.sent if octets[0] == 0x68 and octets[6] in (0x5B, 0x90)
    ]


def add_once(meter, path):
    """Add 10 kWh; what the command says, "" where it is done."""
    one, ledger = meter.partner(path)
    with ledger:
        try:
            writing.carry_out(one, "5", writing.order("credit", "10kWh", ADD))
        except Failure as e:
            return str(e)
    return ""


def credit(meter):
    """What is left, in 10 Wh."""
    return meter.owner.module.meter.prepayment.credit


@pytest.fixture
def made(tmp_path, monkeypatch):
    """make(level) -> (meter with prepayment, path of the key file)."""

    def make(level, more=""):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        meter = KeyedMeter(monkeypatch, level, KEY, prepayment="yes")
        path = written(folder, entry(level=level) + more)
        one, ledger = meter.partner(path)
        with ledger:
            writing.carry_out(one, "5", writing.order("prepayment", "on"))
        meter.sent.clear()
        return meter, path

    return make


@pytest.mark.parametrize("level", [0, 3])
def test_a_lost_acknowledgement_is_made_good_by_the_same_octets(made, level):
    meter, path = made(level)
    assert add_once(meter, path) == ""
    plain = meter.count
    at = next(n for n, octets in enumerate(meter.sent, 1) if octets[6:7] == b"\x90")
    for lost in (1, 2):
        meter, path = made(level)
        before = credit(meter)
        meter.lose = dict.fromkeys(range(at, at + lost), "reply")
        assert add_once(meter, path) == ""
        assert meter.count == plain + lost
        sent = orders(meter)
        assert len(sent) == 1 + lost and len(set(sent)) == 1
        assert credit(meter) == before + 1000
        assert meter.owner.module.meter.alarms & 0x40 == 0


@pytest.mark.parametrize("level", [0, 2, 3])
def test_whatever_is_lost_it_is_done_once_at_most_and_told_truly(made, level):
    said = set()
    for what in ("request", "reply"):
        for lost in (1, 3, 20):
            for n in range(1, 40):
                meter, path = made(level)
                before = credit(meter)
                meter.lose = dict.fromkeys(range(n, n + lost), what)
                words = add_once(meter, path)
                done = credit(meter) - before
                assert done in (0, 1000), (what, lost, n)
                if not words:
                    assert done == 1000, (what, lost, n)
                    said.add("done")
                elif "whether it did that is not known" in words:
                    said.add("unknown")
                else:
                    assert done == 0 or "acknowledged it" in words, (what, lost, n, words)
                    said.add("not done" if not done else "acknowledged")
                meter.lose = {}
                assert add_once(meter, path) == ""
                assert meter.owner.module.meter.alarms & 0x40 == 0
                if meter.count < n:
                    break
    assert {"done", "unknown", "not done"} <= said


def test_only_the_acknowledgements_are_lost_and_the_counter_tells(made):
    meter, path = made(3)
    assert add_once(meter, path) == ""
    at = next(n for n, octets in enumerate(meter.sent, 1) if octets[6:7] == b"\x90")
    for what, words in (("reply", ""), ("request", "5 did not get it: no answer from address 5")):
        meter, path = made(3)
        before = credit(meter)
        meter.lose = dict.fromkeys(range(at, at + 3), what)
        assert add_once(meter, path).startswith(words)
        assert credit(meter) - before == (1000 if what == "reply" else 0)


def test_a_second_master_with_the_same_key_goes_between(made):
    meter, path = made(1)
    other = path + ".copy"
    with open(path) as file, open(other, "w") as copy:
        copy.write(file.read())

    os.chmod(other, 0o600)
    for n in range(3):
        assert add_once(meter, path) == add_once(meter, other) == "", n
    assert credit(meter) == 6000


def test_a_meter_without_a_key_is_asked_nothing_but_its_data(made):
    """Others need not know readout selection, and may not even acknowledge it."""
    meter, path = made(0)
    with open(path) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(text.replace("12345678", "12345679"))
    for address in (5, meter.owner.module.identification[:4] + b"\xff" * 4):
        meter.sent.clear()
        one, ledger = meter.partner(path, address)
        with ledger:
            one.meet()
        assert not one.seals
        assert [octets[:1] for octets in meter.sent] == ([b"\x10"] * 2 if address == 5 else [])


@pytest.mark.parametrize("command", ["time 5 set now", "write 5 time_seconds now"])
def test_the_time_is_that_of_the_command_not_of_the_questions_before_it(
    made, monkeypatch, capsys, command
):
    meter, path = made(3)
    monkeypatch.setenv("MBUS_KEYS", path)

    @contextmanager
    def opened(_args):
        yield meter.link

    begun = time.time()
    monkeypatch.setattr(busline, "opened", opened)
    # Ten seconds a telegram, as at 300 baud.
    monkeypatch.setattr(writtenvalue.time, "time", lambda: begun + 10 * meter.count)
    moments = []
    encoded = writtenvalue.encoded

    def noted(*args, **more):
        moments.append(meter.count)
        return encoded(*args, **more)

    monkeypatch.setattr(writtenvalue, "encoded", noted)
    code, _, err = run(capsys, *command.split())
    assert code == 0, err
    at = next(n for n, octets in enumerate(meter.sent) if octets[6:7] == b"\x90")
    assert moments[-1] == at - (meter.sent[at - 1][:2] == b"\x10\x40")
