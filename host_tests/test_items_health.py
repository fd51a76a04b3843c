# SPDX-License-Identifier: MIT
"""How the device fares: why and how often it started, what went wrong since."""

from meters import Meter
from valued import check

# fmt: off
HEALTH = (
    # register       selection record: DIB and VIB, data
    "reset_cause     08FF60  01 FF60 04",
    "starts          08FF61  04 FF61 04030201",
    "watchdog_resets 08FF62  04 FF62 08070605",
    "crashes         08FF63  04 FF63 03000000",
    "store_failures  08FF64  04 FF64 0C0B0A09",
    "late_replies    08FF65  04 FF65 100F0E0D",
    "line_errors     08FF66  04 FF66 29292929",
    "crash           08FF67  0D FF67 0A 32203A726F727245534F",
    "crash           48FF67  4D FF67 0D 31203A726F72724565756C6156",
)
# fmt: on
PROVES = {"test_how_the_device_fares": ("value", "HEALTH")}


class Link:
    """The counters of a link."""

    late = 0x0D0E0F10
    rejected = 0x21222324
    collisions = 0x08070605


def test_how_the_device_fares():
    meter = Meter()
    health = meter.module.health
    health.crashed(KeyError(0))
    health.crashed(ValueError("1"))
    health.crashed(OSError("2"))
    health.cause = 4
    health.starts, health.watchdogs = 0x01020304, 0x05060708
    health.store_failures = 0x090A0B0C
    health.link = Link
    check(meter, HEALTH)
