# SPDX-License-Identifier: MIT
"""What size.py runs on MicroPython: the heap that files take, and telegrams decoded in it.

    micropython -X heapsize=128k heapprobe.py import FILE...
    micropython -X heapsize=128k heapprobe.py decode|watch < TELEGRAMS

`import` prints the octets of heap that the files named take once they are imported.  `decode`
imports the decoder and decodes the telegrams on standard input (hexadecimal, one a line),
with the texts of every record; it prints how many there were, their records and their
errors.  `watch` collects garbage at every record, too, and adds the least heap that was free.
"""

import gc
import sys

# As main.py does, so that figures do not depend on where compiling left its garbage.
gc.threshold(4096)


def used_by(names):
    """The octets of heap that stay taken after these imports."""
    gc.collect()
    before = gc.mem_alloc()
    for name in names:
        __import__(name)
    gc.collect()
    return gc.mem_alloc() - before


def decode(lines, watch):
    """(telegrams, records, errors, least octets of heap that were free)."""
    from binascii import unhexlify

    from mbus import names, whole
    from mbus.decode import Telegram
    from mbus.value import decimal

    telegrams = records = errors = 0
    least = None
    for line in lines:
        found = whole.parse(unhexlify(line.strip()))
        telegram = Telegram(found.data, 0, len(found.data), found.ci)
        telegrams += 1
        for record in telegram.records():
            meaning, value = record.meaning, record.value
            if type(value) is tuple:
                value = decimal(*value)
            name = "%s, %s" % (meaning.quantity, names.FUNCTIONS[meaning.function])
            row = (name, str(value), meaning.unit, record.error)
            records += len(row) // 4
            if watch:
                gc.collect()
                free = gc.mem_free()
                least = free if least is None or free < least else least
        errors += len(telegram.errors)
    return telegrams, records, errors, least


if sys.argv[1] == "import":
    print(used_by(sys.argv[2:]))
else:
    print(*decode(sys.stdin, sys.argv[1] == "watch"))
