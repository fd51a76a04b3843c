# SPDX-License-Identifier: MIT
"""`mbus baud`, over a pty: each side really talks at its rate."""

import pytest
from busrig import Rig
from commands import run

from bitline import Keeping
from mbus.header import secondary_octets
from mbus.link import SlaveLink
from mbus.slave import Slave


class Lost(Keeping):
    """A meter that is elsewhere once it has heard a telegram at a new rate."""

    def keep_baud(self, rate):
        self.primary = 77


@pytest.fixture
def meters(tmp_path):
    """A bus at 9600 baud: meter 5 does what it is told, meter 6 is at 9600 for ever, 7 gets lost."""
    rig = Rig(9600)
    devices = []
    for primary, rates in ((5, None), (6, (9600,)), (7, None)):
        device = (Lost if primary == 7 else Keeping)(primary=primary, telegrams=1)
        device.identification[:] = secondary_octets("0000000%d0D170102" % primary)

        def make(stream, device=device, rates=rates):
            if rates:
                stream.rates = rates
            return SlaveLink(stream, Slave(device), 9600, "off")

        rig.server.slave_local(make)
        devices.append(device)
    link = str(tmp_path / "bus")
    rig.server.master_pty(link)
    rig.start()
    yield link, devices
    rig.stop()


def change(capsys, link, *arguments):
    return run(capsys, "baud", *arguments, "--port", link, "--tries", "1")


def test_a_meter_talks_at_the_new_rate_and_keeps_it(capsys, meters):
    link, (device, other, _) = meters
    code, out, err = change(capsys, link, "5", "2400", "--baud", "9600")
    assert (code, out, err) == (0, "5 now talks at 2400 baud\n", "")
    assert (device.kept_rates, other.kept_rates) == ([2400], [])
    code, _, err = run(capsys, "reset", "5", "--port", link, "--baud", "9600", "--tries", "1")
    assert code == 1 and "no answer from 5" in err
    code, out, _ = change(capsys, link, "00000005", "38400", "--baud", "2400")
    assert (code, out) == (0, "00000005 now talks at 38400 baud\n")
    assert device.kept_rates == [2400, 38400]


def test_a_meter_that_cannot_do_the_rate_is_found_at_the_old_one(capsys, meters):
    link, _ = meters
    code, out, err = change(capsys, link, "6", "2400", "--baud", "9600", "--window", "0.1")
    assert (code, out) == (1, "")
    assert "6 acknowledged 2400 baud but does not answer there: it still talks at 9600" in err


def test_a_meter_that_is_found_nowhere_is_told_of(capsys, meters):
    link, _ = meters
    code, out, err = change(capsys, link, "7", "2400", "--baud", "9600", "--window", "0.1")
    assert (code, out) == (1, "")
    assert "7 acknowledged 2400 baud and answers neither there nor at 9600 baud" in err
    code, out, err = change(capsys, link, "9", "2400", "--baud", "9600")
    assert (code, out) == (1, "")
    assert "no answer from address 9" in err


def test_all_at_once_by_broadcast(capsys, meters):
    link, (device, other, _) = meters
    code, out, _ = change(capsys, link, "255", "2400", "--baud", "9600")
    assert code == 0
    assert "all meters were told to talk at 2400 baud" in out
    assert (device.kept_rates, other.kept_rates) == ([2400], [])
    for address, baud in (("5", "2400"), ("6", "9600")):
        code, _, _ = run(capsys, "reset", address, "--port", link, "--baud", baud, "--tries", "1")
        assert code == 0


def test_a_rate_there_is_not_is_wrong_usage(capsys):
    code, _, err = run(capsys, "baud", "5", "1000", "--port", "x")
    assert code == 2 and "1000" in err
