# SPDX-License-Identifier: MIT
"""pyMeterBus, a master of other people, reads our meters over a pty by its own procedures."""

from decimal import Decimal

import meterbus
import pytest
import serial
from simulation import Simulation

from stations import long

ANSWER_S = 10  # it waits so long for as many octets as it has been told to read
FIRST_READ = 9  # a head that tells the length of the rest


@pytest.fixture
def open_line():
    """open_line(path): the port as pyMeterBus wants it; a pty has no parity."""
    opened = []

    def open_line(path):
        opened.append(serial.Serial(path, 2400, 8, "N", 1, timeout=ANSWER_S))
        return opened[-1]

    yield open_line
    for line in opened:
        line.close()


def read(line, address):
    """The next telegram of the meter at this address, as pyMeterBus decodes it."""
    meterbus.send_request_frame(line, address)
    octets = meterbus.recv_frame(line, FIRST_READ)
    return meterbus.load(octets)


def acknowledged(line):
    return isinstance(meterbus.load(meterbus.recv_frame(line, 1)), meterbus.TelegramACK)


def check_first_telegram(telegram, meter):
    header = telegram.interpreted["body"]["header"]
    assert header["manufacturer"] == "EXM"
    assert header["identification"] == "0x12, 0x34, 0x56, 0x%d" % (77 + meter)
    records = telegram.records
    assert records.pop().more_records_follow
    assert len(records) == 16
    energies = [(12345678 + 150000 * (meter - 1)) * 10, (34567 + 3000 * (meter - 1)) * 10]
    assert [record.value for record in records[:2]] == energies
    assert records[0].unit == "Wh"
    assert records[12].value == Decimal(87654320 + meter)


def test_by_primary_address(tmp_path, open_line):
    with Simulation(tmp_path, "--meters", "2") as bus:
        line = open_line(bus.where)
        for meter in (1, 2, 1):
            meterbus.send_ping_frame(line, meter)
            assert acknowledged(line)
            check_first_telegram(read(line, meter), meter)
        assert bus.sent()[:2] == ["1040014116", "105B015C16"]
        assert [len(octets) // 2 for octets in bus.sent("S1")] == [1, 128] * 2


def test_by_secondary_address_with_an_acknowledged_reset_of_253(tmp_path, open_line):
    with Simulation(tmp_path, "--meters", "2", "--ack-reset-253") as bus:
        line = open_line(bus.where)
        for meter in (2, 1):
            address = "%d0D170102" % (12345677 + meter)
            # It goes on only where this is answered; from both meters at once it is one E5h.
            meterbus.send_ping_frame(line, meterbus.ADDRESS_NETWORK_LAYER)
            assert acknowledged(line)
            meterbus.send_select_frame(line, address)
            assert acknowledged(line)
            check_first_telegram(read(line, meterbus.ADDRESS_NETWORK_LAYER), meter)
        wire = "79563412" + "0D170102"
        assert bus.sent()[:3] == ["1040FD3D16", long(0x73, 0xFD, 0x52, wire), "105BFD5816"]


def test_without_that_option_a_reset_of_253_is_not_answered(tmp_path, open_line):
    with Simulation(tmp_path) as bus:
        line = open_line(bus.where)
        meterbus.send_ping_frame(line, meterbus.ADDRESS_NETWORK_LAYER)
        # What is answered behind it is all that was answered.
        meterbus.send_ping_frame(line, 1)
        assert acknowledged(line)
        assert bus.sent("S1") == ["E5"]
