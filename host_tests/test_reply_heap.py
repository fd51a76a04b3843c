# SPDX-License-Identifier: MIT
"""The station with the heap locked: a reply that was made ahead allocates nothing."""

from binascii import unhexlify

import micropython
from meters import Meter
from stations import long

RESET = "1040054516"
FIRST, SECOND = "107B058016", "105B056016"
ALARM = "105A055F16"
SELECT = long(0x53, 0xFD, 0x52, "785634120D170102")


def ask(meter, request, locked=True):
    """How many octets answer the request; from its last octet on with the heap locked."""
    slave, parser = meter.line.slave, meter.line.parser
    meter.line.now += 1000
    now = meter.line.now
    whole = [parser.push(octet) for octet in unhexlify(request)]
    assert whole[-1], request
    if locked:
        micropython.heap_lock()
    try:
        n = slave.handle(parser, now)
        slave.sent(now)
    finally:
        if locked:
            micropython.heap_unlock()
    return n


def test_replies_allocate_nothing_in_steady_state():
    meter = Meter(source="load_profile", breaker="yes")
    meter.send("046D2D27363B")
    for request in (RESET, FIRST, SECOND, ALARM, SELECT):
        ask(meter, request, False)  # what a station needs it makes once
    for _ in range(3):
        meter.pass_time(3000, 20)
        assert meter.module._ahead.ready
        assert ask(meter, RESET) == 1
        assert ask(meter, FIRST) > 100
        assert ask(meter, FIRST) > 100, "a repetition"
        assert ask(meter, SECOND) > 100
        assert ask(meter, ALARM) in (1, 10)
        assert ask(meter, SELECT) == 1
