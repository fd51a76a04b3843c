# SPDX-License-Identifier: MIT
"""The station with the heap locked: a reply that was made ahead allocates nothing."""

from binascii import unhexlify

import micropython
from mbus.link import SlaveLink
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
        assert meter.is_ahead()
        assert ask(meter, RESET) == 1
        assert ask(meter, FIRST) > 100
        assert ask(meter, FIRST) > 100, "a repetition"
        assert ask(meter, SECOND) > 100
        assert ask(meter, ALARM) in (1, 10)
        assert ask(meter, SELECT) == 1


class Pipe:
    """A stream that allocates nothing: what came is there at once, what is sent is counted."""

    def __init__(self):
        self.octets, self.at, self.sent = b"", 0, 0

    def any(self):
        return len(self.octets) - self.at

    def readinto(self, buf, nbytes):
        for i in range(nbytes):
            buf[i] = self.octets[self.at]
            self.at += 1
        return nbytes

    def write(self, octets):
        self.sent = len(octets)
        return self.sent

    def txdone(self):
        return True


def exchange(link, pipe, now, request, locked=True):
    """How many octets the link answers, all of it with the heap locked."""
    link.poll(now - 1)  # nobody has looked for long: what came since may be old
    pipe.octets, pipe.at, pipe.sent = request, 0, 0
    if locked:
        micropython.heap_lock()
    try:
        for step in range(400):
            link.poll(now + step)
    finally:
        if locked:
            micropython.heap_unlock()
    return pipe.sent


def test_the_link_allocates_nothing_for_replies_as_long_as_before():
    meter = Meter(source="load_profile", breaker="yes")
    meter.send("046D2D27363B")
    pipe = Pipe()
    link = SlaveLink(pipe, meter.line.slave, 9600, "off")
    requests = [unhexlify(text) for text in (RESET, FIRST, SECOND, ALARM)]
    for turn in range(4):
        meter.pass_time(3000, 20)
        sizes = []
        for request in requests:
            meter.line.now += 1000
            sizes.append(exchange(link, pipe, meter.line.now, request, turn > 0))
        assert sizes[0] == sizes[3] == 1 and min(sizes[1:3]) > 100, sizes
