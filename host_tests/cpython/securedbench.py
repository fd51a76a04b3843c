# SPDX-License-Identifier: MIT
"""`mbus` on the line of a simulated meter with a key."""

from contextlib import contextmanager

from commands import run
from keyfile import entry, keyless, written
from simulation import Simulation

from mbusnode import keys
from mbusnode.counters import Ledger
from securedtelegrams import METER

BAUD = "9600"
PATIENT = ("--latency", "300")  # of a machine that has much to do
CONFIG = """
breaker = true
prepayment = true
ct = true
ratio = 100
[[meter]]
primary = 5
"""


class Bench:
    """`mbus` on the line of one simulated meter with a key, and the master's key file."""

    def __init__(self, capsys, tmp_path, bus, path):
        self._capsys, self._folder, self._bus = capsys, tmp_path, bus
        self.path = path
        self.printed = ""

    def run(self, command):
        """(exit code, what was printed)."""
        options = ("--port", str(self._bus.link), "--baud", BAUD, "--trace", *PATIENT)
        code, out, err = run(self._capsys, *command.split(), *options)
        self.printed += out + err
        lines = [line for line in err.splitlines() if line.startswith("mbus: ")]
        return code, (out + "\n".join(lines)).strip()

    def done(self, command):
        """What a command printed that did what it should."""
        code, words = self.run(command)
        assert code == 0, (command, words)
        return words

    def orders(self):
        """The secured telegrams to the meter, each once however often it was sent."""
        sent = [bytes.fromhex(octets) for octets in dict.fromkeys(self._bus.sent())]
        return [one for one in sent if one[0] == 0x68 and one[6] in (0x5B, 0x90)]

    def clear(self):
        """The commands in clear."""
        sent = [bytes.fromhex(octets) for octets in self._bus.sent()]
        told = [one[7:-2] for one in sent if one[0] == 0x68 and one[6] == 0x51]
        return [records for records in told if records[0] & 0x0F != 8 and records[-1] != 0x0D]

    def sent(self):
        """The counter that the master has used last."""
        with Ledger(self.path) as ledger:
            return ledger.of(METER, keys.load(self.path).find(METER).key).sent


@contextmanager
def bench(capsys, tmp_path, monkeypatch, level, config=CONFIG, more="", mine=None):
    """A Bench; mine is the text of the master's key file where that differs."""
    device = tmp_path / "device"
    device.mkdir()
    (tmp_path / "meter.toml").write_text(config)
    path = written(tmp_path, mine or entry(level=level) + more)
    monkeypatch.setenv("MBUS_KEYS", path)
    given = written(device, entry(level=level))
    options = ("--baud", BAUD, "--keys", given, "--config", str(tmp_path / "meter.toml"))
    with Simulation(tmp_path, *options) as bus:
        one = Bench(capsys, tmp_path, bus, path)
        yield one
    keyless(one.printed)
    keyless((tmp_path / "bus.log").read_text())
