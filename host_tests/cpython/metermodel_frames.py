# SPDX-License-Identifier: MIT
"""What a module sends in answer to REQ_UD2, record by record, against the model of its meter."""

from binascii import hexlify
from datetime import datetime

from metermodel_clock import moment, seconds_of

from mbus.header import LONG
from mbus.record import FILLER, MORE, split
from mbus.whole import parse
from meter import keys
from node.registers import EVENT, EXACT, HISTORY, READ

READY = 100  # ticks, in which the next readout is made ahead


class Frames:
    """The readouts of a Rig (metermodel_rig.py)."""

    def request(self, selection=""):
        """What readout() gives of a selection, or by default."""
        if selection:
            assert self.line.send(0x53, 254, 0x51, selection) == "E5", "readout: no answer"
        records = self.readout()
        self.line.send(0x53, 254, 0x50)
        self.caught_up()
        return records

    def readout(self):
        """The records {head in hexadecimal: data} of all telegrams there are."""
        records, c, more = {}, 0x5B, True
        while more:
            c ^= 0x20
            buf = parse(bytes.fromhex(self.line.short(c, 254))).data
            at, more = LONG, False
            while at < len(buf) and not more:
                if buf[at] in (MORE, FILLER):
                    more = buf[at] == MORE
                    at += 1
                    continue
                _, data_at, next_at, _ = split(buf, at, len(buf))
                records[hexlify(buf[at:data_at]).decode()] = buf[data_at:next_at]
                at = next_at
        self.caught_up()
        return records

    def read(self):
        """What frames say, by default and selected with all tariffs and subunits."""
        self.check()
        for _ in range(READY):
            self.module.tick(self.now)
        values = {n: self.model.storage(n) or {} for n in (1, 2, 15)}
        values[0] = self.model.values()
        self.check_records(0, values[0], self.request(), partly=True)
        for storage, expected in values.items():
            second, third = (storage & 1) << 6, "%02X707E" % (0xF0 | storage >> 1)
            selection = "%02X%s%02X%s" % (0x88 | second, third, 0x98 | second, third)
            self.check_records(storage, expected, self.request(selection))

    def check_records(self, storage, expected, records, partly=False):
        registers = self.registers
        for row in range(registers.count):
            flags = registers.flags(row)
            if flags & (EVENT | EXACT) or not registers.access(row) & READ:
                continue
            if storage and not flags & HISTORY:
                continue
            group, index = registers.source(row)
            if group == keys.DATE:
                group, index = keys.OTHER, keys.TIME
            if (group, index) not in expected:
                continue
            head = bytearray(12)
            end = registers.put_head(row, head, 0, storage)
            data = records.get(hexlify(head[:end]).decode())
            if data is None and partly:
                continue
            value = expected[group, index] if self.is_there(group, index) else None
            self.check_record(registers.names()[row], group, index, value, data)

    def check_record(self, name, group, index, value, data):
        if value is None or data is None:
            assert data is value is None, f"readout: {name} {value}, {data}"
        elif len(data) == 4 and (group == keys.MAXIMUM_TIME or (group, index) == (keys.OTHER, 0)):
            minute = value - value % 60
            assert seconds_of(type_f(data)) == minute, f"readout: {name} {moment(value)}"
        elif group == keys.OTHER and keys.SPECIAL_1 <= index <= keys.SPECIAL_2:
            assert bytes(reversed(data)).hex() == "%08d" % value, f"readout: {name}"
        elif (group, index) != (keys.OTHER, keys.TIME):
            got = int.from_bytes(data, "little")
            assert got == value % (1 << 8 * len(data)), f"readout: {name} {got}, not {value}"


def type_f(data):
    year = (data[2] >> 5 | data[3] >> 1 & 0x78) + 100 * (data[1] >> 5 & 3) + 1900
    return datetime(year, data[3] & 0x0F, data[2] & 0x1F, data[1] & 0x1F, data[0] & 0x3F)
