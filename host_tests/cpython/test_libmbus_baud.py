# SPDX-License-Identifier: MIT
"""libmbus changes the baud rate of our meter and then really talks to it at another one."""

import pytest
from libmbus import run, slave_and_records
from simulation import Simulation

from stations import long

TRIES = 5


@pytest.mark.parametrize(("rate", "ci"), [(300, 0xB8), (4800, 0xBC), (38400, 0xBF)])
def test_switch_baudrate_and_read_at_the_new_rate(tools, tmp_path, rate, ci):
    with Simulation(tmp_path, "--baud", "9600", "--meters", "2") as bus:
        printed = run(tools / "mbus-serial-switch-baudrate", bus.where, 1, rate)
        assert printed.strip() == "Switched baud rate of device to %d" % rate
        assert bus.log() == [("M", long(0x53, 1, ci)), ("S1", "E5")]
        read = tools / "mbus-serial-request-data"
        # At the old rate only the other meter is there.
        assert "Failed to receive" in run(read, "-b", 9600, bus.where, 1)
        assert slave_and_records(run(read, "-b", 9600, bus.where, 2))[0]["Id"] == "12345679"
        assert bus.sent("S1") == ["E5"]
        printed = tries = 0
        # libmbus hears 0.2 s of silence here as no answer, which a busy machine soon takes.
        while not printed or ("Failed to receive" in printed and tries < TRIES):
            printed = run(read, "-b", rate, bus.where, 1)
            tries += 1
        assert slave_and_records(printed)[0]["Id"] == "12345678"
        answers = bus.sent("S1")[1:]
        assert len(answers) == tries and all(answer.startswith("68") for answer in answers)
        assert "Failed to receive" in run(read, "-b", rate, bus.where, 2)
