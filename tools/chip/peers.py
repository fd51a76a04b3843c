# SPDX-License-Identifier: MIT
"""libmbus's TCP tools as masters of the module on the emulated chip."""

import sys
from xml.etree import ElementTree

from importgraph import ROOT

from .bridge import Bridge
from .measure import ADDRESS, Checks

_BAUD = 9600
_SECONDARY = "123456780D170102"
_TOOLS = (
    ("request-data", ADDRESS, 1),
    ("request-data", _SECONDARY, 1),
    ("request-data-multi-reply", ADDRESS, 2),
    ("select-secondary", _SECONDARY, 0),
)


def tools():
    """The folder of the tools, those that wait long; OSError where they cannot be had."""
    sys.path.insert(0, str(ROOT / "host_tests" / "cpython"))
    import libmbus

    try:
        return libmbus.build() / "patient"
    except libmbus.Unavailable as e:
        raise OSError(str(e)) from None


def read_out(device, folder) -> dict:
    """Each tool in turn at 9600 baud: what it prints is that of our meter."""
    checks, bus, master = Checks(device), device.bus, device.bus.master
    checks.runs("order the rate", bus.run, master.switch_baud(ADDRESS, _BAUD))
    bus.set_baud(_BAUD)
    checks.runs("reset", bus.run, master.reset(ADDRESS))
    records = {}
    bridge = Bridge(bus)
    for tool, address, telegrams in _TOOLS:
        what = "%s %s" % (tool, address)
        printed = bridge.run(folder / ("mbus-tcp-" + tool), *bridge.address, address)
        if not telegrams:
            told = "and found [%s]" % address in printed
            checks.that("%s says: %s" % (what, printed[-200:]), told)
            continue
        try:
            root = ElementTree.fromstring(printed.encode("latin-1"))
        except ElementTree.ParseError:
            checks.that("%s says: %s" % (what, printed[-200:]), False)
            continue
        number = root.findtext("SlaveInformation/Id")
        checks.that("%s reads meter %s" % (what, number), number == "12345678")
        records[what] = len(root.findall("DataRecord"))
    one, other, both = (records.get("%s %s" % row[:2], 0) for row in _TOOLS[:3])
    checks.that("records of one telegram: %d and %d" % (one, other), one == other > 10)
    checks.that("of both: %d" % both, both > one)
    return checks.result(records=records)
