# SPDX-License-Identifier: MIT
"""Whole buses in virtual time: our master and the emulated meters, at three rates, with echoes."""

import pytest

from helpers import raises
from mbus import search
from mbus.exchange import MasterLink
from mbus.header import secondary_octets, secondary_text
from mbus.link import SlaveLink
from mbus.master import AnswerError, Master, NoAnswerError
from mbus.slave import Slave
from mbusnode.bus import MASTER, Bus
from mbusnode.virtual_bus import VirtualBus
from meters import Slots
from node.assembly import assemble
from node.config import Config

E5 = b"\xe5"

# A pair that differs in the last digit, and one with the number of another but a younger
# version.
BUS = (
    {"primary": 1, "identification": "12345678"},
    {"primary": 2, "identification": "12345679"},
    {"primary": 3, "identification": "12345679", "version": 2},
)
FOUND = ["123456780D170102", "123456790D170102", "123456790D170202"]

at_three_rates = pytest.mark.parametrize("baud", [300, 2400, 9600])
with_echoes = pytest.mark.parametrize("echo", [False, True], ids=["quiet", "echoes"])


class Rig:
    """The meters of BUS and a master on one bus, with echoes on both sides or none."""

    def __init__(self, baud, echo):
        self.bus = VirtualBus(baud, echo, echo)
        self.modules = []
        self.links = []
        for k, given in enumerate(BUS, 1):
            config = Config({"meter": k, "source": "host", **given})
            module = assemble(config, Slots(), 1000)
            port = self.bus.slave()
            link = SlaveLink(port, Slave(module), baud)
            self.bus.join(port, link)
            self.modules.append(module)
            self.links.append(link)
        self.master = Master()
        self.link = MasterLink(self.bus.master, self.master, baud)
        self.bus.join(self.bus.master, self.link)

    def run(self, procedure):
        return self.bus.exchange(self.link, procedure)

    def read(self, address):
        telegrams = []
        assert self.run(self.master.read(address, telegrams.append)) == len(telegrams)
        return telegrams


@at_three_rates
@with_echoes
def test_a_search_finds_what_differs_in_one_digit_or_in_the_version_alone(baud, echo):
    rig = Rig(baud, echo)
    found = []
    rig.run(search.secondary(rig.master, lambda address, _: found.append(address)))
    assert sorted(secondary_text(address) for address in found) == FOUND
    for meter, address in enumerate(FOUND, 1):
        first, second = rig.read(secondary_octets(address))
        assert secondary_text(first.data[:8]) == secondary_text(second.data[:8]) == address
        assert first.a == meter
        # Active energy, the first record: 04 04 and the number, least octet first.
        energy = int.from_bytes(first.data[14:18], "little")
        assert (first.data[12:14], energy) == (b"\x04\x04", 12345678 + 150000 * (meter - 1))
    assert [(link.late, link.collisions) for link in rig.links] == [(0, 0)] * 3


@at_three_rates
@with_echoes
def test_an_address_is_changed_and_the_old_one_is_free(baud, echo):
    rig = Rig(baud, echo)
    rig.run(rig.master.set_address(1, 17))
    rig.run(rig.master.set_address(secondary_octets(FOUND[2]), 1))
    assert [module.primary for module in rig.modules] == [17, 2, 1]
    assert [rig.read(a)[0].data[6] for a in (17, 2, 1)] == [1, 1, 2]
    error = raises(AnswerError, rig.run, rig.master.set_address(17, 2))
    assert "address 2 is taken" in str(error)
    raises(NoAnswerError, rig.read, 3)
    assert [module.primary for module in rig.modules] == [17, 2, 1]


@at_three_rates
def test_acknowledgements_that_fall_together_are_one_but_the_data_behind_them_collide(baud):
    bus = Bus(baud)
    one, two = bus.attach(), bus.attach()
    data = bytes.fromhex("6803036808017203FA16"), bytes.fromhex("680303680802720CEB16")
    for burst in ((E5, E5), data):
        bus.send(MASTER, b"\x10", bus.busy_until(one))
        start = bus.busy_until(MASTER) + 1000
        bus.deliver(start)
        for key, octets in zip((one, two), burst, strict=True):
            bus.send(key, octets, start)
        heard = bytes(octet for _, octet in bus.deliver(bus.busy_until(one)))
        assert (heard == E5) == (burst[0] == E5)
        assert heard not in data


def test_who_leaves_in_the_middle_of_an_answer_sends_no_more_of_it():
    bus = Bus(2400)
    one, two = bus.attach(), bus.attach()
    bus.send(one, b"\x68\x03\x03\x68", 0)
    half = bus.busy_until(one) // 2
    heard = bus.deliver(half)
    assert heard == [(MASTER, 0x68), (MASTER, 0x03)]
    bus.detach(one)
    assert (bus.due(), bus.deliver(10**9)) == (None, [])
    bus.send(one, E5, 10**9)  # it does not know that it is off
    bus.send(MASTER, b"\x10", 10**9)
    assert bus.deliver(2 * 10**9) == [(two, 0x10)]
    assert bus.busy_until(one) == 0
