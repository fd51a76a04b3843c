# SPDX-License-Identifier: MIT
"""Default telegrams and the sets of application select, telegram by telegram."""

from binascii import unhexlify

from mbus.record import MORE, dib_values, split
from node import registertext
from rows import Bench

OCTETS = {
    "serial": b"1234",
    "meter_number": b"1234",
    "identification": b"12345678",
    "time": b"1234",
    "max_time": b"1234",
    "max_time_t1": b"1234",
    "max_time_t2": b"1234",
    "date": b"12",
    "time_of_day": b"123",
    "time_seconds": b"123456",
    "version": b"\x01x",
    "metrology": b"\x01x",
    "event": b"\x01x",
}


class Every:
    """A snapshot with a value for every row, in storage 0 to 2, but for those left out."""

    def __init__(self, registers, *without):
        self._values = [OCTETS.get(name, 1) for name in registers.names()]
        for name in without:
            self._values[registers.row(name)] = None

    def take(self):
        """They do not change."""

    def get(self, row, storage):
        return self._values[row] if storage <= 2 else None


def every(*without, telegrams=2):
    bench = Bench(telegrams)
    bench.snapshot = Every(bench.registers, *without)
    return bench


def name_of(bench, octets, vib_at, data_at):
    """The name of the row with this head, with _n for a storage number above 0."""
    storage = dib_values(octets, 0, vib_at)[0]
    buf = bytearray(30)
    for row in range(bench.registers.count):
        end = bench.registers.put_head(row, buf, 0, storage)
        if buf[:end] == octets[:data_at]:
            name = bench.names[row]
            return "%s_%d" % (name, storage) if storage else name
    raise KeyError(octets)


def sent(bench):
    """Names of the rows of each telegram."""
    result = []
    for text in bench.read():
        octets = unhexlify(text)
        found = []
        while octets and octets[0] != MORE:
            vib_at, data_at, next_at, _ = split(octets, 0, len(octets))
            found.append(name_of(bench, octets, vib_at, data_at))
            octets = octets[next_at:]
        result.append(found)
    return result


def flat(lists):
    return [each for part in lists for each in part]


def rows_with(letters):
    return [row[0] for row in registertext.rows() if any(x in row[4] for x in letters)]


def test_the_default_telegrams_hold_their_rows_in_order():
    bench = every()
    assert sent(bench) == [rows_with("1"), rows_with("2")]
    telegrams = sent(every(telegrams=3))
    assert telegrams[:2] == [rows_with("1"), rows_with("2")]
    assert flat(telegrams[2:]) == rows_with("3")


# fmt: off
SETS = (
    # sub  what its rows have in the table
    (0x10, "1"), (0x20, "b"), (0x40, "t"), (0x50, "i"), (0x60, "l"), (0x80, "s"),
)
# fmt: on


def test_every_application_has_its_set():
    for sub, letters in SETS:
        bench = every()
        assert bench.readout.select(sub, bench.snapshot), sub
        assert flat(sent(bench)) == rows_with(letters), sub
        assert "serial" in sent(bench)[0], "a master learns the fabrication number from it"
        assert bench.readout.select(0x00, bench.snapshot)
        assert sent(bench) == [rows_with("1"), rows_with("2")]


# fmt: off
MEMBERS = (
    (0x20, "energy_import energy_export reactive_import reactive_export serial time"),
    (0x40, "import_t1 import_t2 import_t3 import_t4 export_t1 export_t4 r_import_t1 r_import_t4"
           " r_export_t1 r_export_t4"),
    (0x50, "power_import power_export var_import var_export voltage_l1 voltage_l3 current_l1"
           " current_l3 power_factor power_factor_l3 frequency"),
    (0x60, "threshold threshold_count breaker_state breaker tariff pulse_1 pulse_2"),
    (0x80, "meter_number serial version metrology ratio ratio_lock status"),
)
# fmt: on


def test_the_sets_hold_what_they_are_for():
    for sub, names in MEMBERS:
        bench = every()
        bench.readout.select(sub, bench.snapshot)
        found = flat(sent(bench))
        for name in names.split():
            assert name in found, (sub, name)


def test_enhanced_billing_adds_maxima_and_the_last_closed_period():
    bench = every()
    assert bench.readout.select(0x30, bench.snapshot)
    found = flat(sent(bench))
    now = [name for name in found if not name.endswith("_1")]
    assert now == rows_with("be")
    assert [name for name in found if name.endswith("_1")] == [
        name + "_1" for name in rows_with("h")
    ]
    assert not any(name.endswith("_2") for name in found)


def test_applications_and_telegrams_it_lacks_change_nothing():
    bench = every()
    bench.readout.select(0x20, bench.snapshot)
    for sub in (0x70, 0x90, 0xA0, 0xB0, 0xF0, 0x03, 0x1F, 0x22):
        assert not bench.readout.select(sub, bench.snapshot), sub
        assert flat(sent(bench)) == rows_with("b")


def test_one_telegram_of_a_set_can_be_chosen():
    bench = every()
    for sub, expected in ((0x01, rows_with("1")), (0x02, rows_with("2")), (0x11, rows_with("1"))):
        assert bench.readout.select(sub, bench.snapshot)
        assert sent(bench) == [expected]
    bench.readout.select(0x30, bench.snapshot)
    telegrams = sent(bench)
    assert len(telegrams) > 1
    for n, expected in enumerate(telegrams):
        assert bench.readout.select(0x31 + n, bench.snapshot)
        assert sent(bench) == [expected]
    assert not bench.readout.select(0x31 + len(telegrams), bench.snapshot)


def test_the_readout_list_goes_before_the_set():
    bench = every().ask("0804")
    bench.readout.select(0x50, bench.snapshot)
    assert sent(bench) == [["energy_import"]]
    bench.readout.list.clear()
    assert "power_import" in flat(sent(bench))


def test_a_register_without_a_value_is_left_out():
    bench = every("energy_export", "time")
    first = rows_with("1")
    first.remove("energy_export")
    first.remove("time")
    assert sent(bench)[0] == first
    assert not bench.failed


def test_a_telegram_that_is_full_goes_on_in_the_next_one():
    bench = every()
    whole = bench.read(600)
    for limit in range(20, 234, 3):
        texts = bench.read(limit)
        assert all(text.endswith("1F") for text in texts[:-1])
        joined = "".join(text[:-2] for text in texts[:-1]) + texts[-1]
        assert joined == whole[0][:-2] + whole[1], limit
