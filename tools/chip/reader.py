# SPDX-License-Identifier: MIT
"""The reader role on the emulated chip: its heap, a meter that it reads, how fast it decodes."""

import json
import re

from mbusnode.simulate import Memory
from node.assembly import assemble, join
from node.config import Config

from . import stack
from .bus import Stream, now_ms
from .device import Device, flash
from .lines import Peer
from .measure import Checks

_BAUD = 2400
_POLL_US = 2000
_ADDRESS = 7
_RECORDS = 32  # of our meter's two telegrams
_READ_US = 30e6
_TARGET_MS = 25
_HEAP = 64 * 1024
_HEADER = bytes.fromhex("785634120D17010255000000")
# The heads of records as electricity meters send them, and one of them for each of four storage
# numbers: no two are equal.
_HEADS = (
    "0404 04843C 04FB02 04FB823C 841004 842004 142B 14AB3C 94102B 94202B 04FB7B 042B 0C78 0C79"
    " 046D 02FDC8FC01 02FDC8FC02 02FDC8FC03 02FDD9FC01 02FDD9FC02 04FB14 0422 01FD1A 4404 840104"
    " C40104 840204 C40204 544B 446D"
)
_WIDTHS = {0x1: 1, 0x2: 2, 0x4: 4, 0xC: 4}


def telegram() -> bytes:
    """An RSP_UD of 261 octets."""
    body = b"\x08\x01\x72" + _HEADER
    for head in map(bytes.fromhex, _HEADS.split()):
        record = head + bytes.fromhex("21436507")[: _WIDTHS[head[0] & 0x0F]]
        body += record if len(body) + len(record) <= 255 else b""
    body = body.ljust(255, b"\x2f")
    return b"\x68\xff\xff\x68" + body + bytes((sum(body) & 0xFF, 0x16))


DECODER = """
import gc
import json
import sys
import time
from binascii import unhexlify

gc.threshold(4096)
sys.path.insert(0, "a")
octets = unhexlify("%s")
gc.collect()
room = bytearray(%d)
full = [None] * 1000
n, size = 0, 4096
while size >= 16:
    try:
        full[n] = bytearray(size)
        n += 1
    except MemoryError:
        size //= 2
room = None

from mbus import names
from mbus.decode import Telegram
from mbus.value import decimal
from mbus.vif import remembered


def decoded():
    data = octets[7:-2]
    telegram = Telegram(data, 0, len(data), octets[6])
    records = 0
    for record in telegram.records(remembered):
        meaning, value = record.meaning, record.value
        if type(value) is tuple:
            value = decimal(*value)
        told = meaning.unit is not None and names.FUNCTIONS[meaning.function]
        if told and meaning.quantity and (value is not None or record.error):
            records += 1
    return records, len(telegram.errors)


gc.threshold(-1)  # as the reader does when all is loaded
gc.collect()
us = []
for _ in range(2):
    begin = time.ticks_us()
    records, errors = decoded()
    us.append(time.ticks_diff(time.ticks_us(), begin))
    gc.collect()
print("decoded " + json.dumps({
    "records": records, "errors": errors, "us": us, "free": gc.mem_free(),
}))
"""


class Meter:
    """One of our modules on the bus of a chip that is the master."""

    def __init__(self, device):
        self._pico = pico = device.pico
        line = device.transceiver
        peer = Peer(pico.scheduler, line.down, line.up, _BAUD)
        config = Config({"source": "host", "primary": _ADDRESS})
        slots = Memory()
        self.module = assemble(config, slots, now_ms(pico))
        self._link = join(Stream(pico, peer), config, self.module)
        self._poll()

    def _poll(self):
        now = now_ms(self._pico)
        self._link.poll(now)
        if self._link.quiet:
            self.module.tick(now)
        self._pico.scheduler.after(_POLL_US, self._poll)


def reader_image(uf2) -> bytes:
    """A flash with a reader."""
    conf = "meters=%d\nevery_s=3600\nbaud=%d\necho=off\n" % (_ADDRESS, _BAUD)
    return flash(uf2, {"reader.conf": conf.encode()}, "reader")


def reading(image) -> dict:
    """It starts, reads a meter, and tells each record as a line of JSON."""
    device = Device(image, _BAUD)
    checks, pico = Checks(device), device.pico
    Meter(device)
    pico.boot()
    console = pico.console
    at = console.wait_for(b'{"alive"', 0, 20e6)
    alive = json.loads(console.output[at : console.wait_for(b"\n", at)])["alive"]
    alive_ms = round(pico.now_us / 1e3)
    stack.fill(pico.rp2040)

    def rows():
        lines = bytes(console.output[at:]).split(b"\n")[1:-1]
        return [json.loads(line) for line in lines]

    pico.run_until(lambda: len(rows()) >= _RECORDS, _READ_US, 20_000)
    told = rows()
    checks.that("%d records" % len(told), len(told) >= _RECORDS)
    checks.that("without errors", not any("error" in row for row in told))
    first = told[0]["value"] if told else None
    checks.that("energy %s" % first, first == 123456780)
    found = re.search(r"heap=(\d+) of (\d+)", alive)
    return checks.result(
        alive_ms=alive_ms, heap_free=int(found[1]), heap=int(found[2]), records=len(told)
    )


def decoder_image(uf2) -> bytes:
    """A flash whose main.py decodes a telegram where all heap but 64 kB is full."""
    main = DECODER % (telegram().hex(), _HEAP)
    return flash(uf2, {"main.py": main.encode()}, "reader")


def decoding(image) -> dict:
    """A telegram of 261 octets decoded with names, its imports included in the 64 kB."""
    checks, device = Checks(), Device(image)
    device.pico.boot()
    console = device.pico.console
    at = console.wait_for(b"decoded ", 0, 20e6) + len(b"decoded ")
    told = json.loads(console.output[at : console.wait_for(b"\n", at)])
    checks.that("records: %(records)d" % told, told["records"] >= 28)
    checks.that("errors: %(errors)d" % told, not told["errors"])
    return checks.result(
        records=told["records"],
        first_ms=round(told["us"][0] / 1e3, 1),
        again_ms=round(told["us"][1] / 1e3, 1),
        target_ms=_TARGET_MS,
        left_of_64_kB=told["free"],
    )
