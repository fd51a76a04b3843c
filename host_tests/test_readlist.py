# SPDX-License-Identifier: MIT
"""Readout selection: every wildcard rule, and the record errors of what is not there."""

from rows import Bench

VALUES = {
    "energy_import": 1,
    "energy_export": 2,
    "import_t1": 3,
    "import_t2": 4,
    "import_t3": 5,
    "import_t4": 6,
    "power_import": 7,
    "max_import": 8,
    "max_import_t1": 9,
    "voltage_l1": 2301,
    "current_l1": 223,
    "serial": b"\x21\x43\x65\x87",
    "time": b"\x2d\x27\x36\x3b",
    "date": b"\x36\x3b",
    "time_of_day": b"\x01\x2d\x07",
    "time_seconds": b"\x1e\x2d\xc7\x36\x3b\x2f",
    "pulse_1": 10,
    "threshold_count": 11,
    "reset_import": 12,
    "energy_import_1": 21,
    "energy_import_2": 22,
    "import_t1_1": 23,
    "time_1": b"\x00\x00\x21\x3b",
    "event_0": b"\xe1\x05",
    "event_1": b"\xe1\x06",
}

# fmt: off
ANSWERS = (
    # requests           records
    ("0804",             "040401000000"),
    ("0801",             "040401000000"),  # the power of ten is not compared
    ("0807",             "040401000000"),
    ("08843C",           "04843C02000000"),
    ("08833C",           "04843C02000000"),
    ("082B",             "042B07000000"),
    ("182B",             "142B08000000"),
    ("881004",           "84100403000000"),
    ("88B00004",         "84300405000000"),  # tariff 3 alone takes two DIFE
    ("88801004",         "8480100406000000"),
    ("4804",             "440415000000"),
    ("880104",           "84010416000000"),
    ("486D",             "446D0000213B"),
    ("086D",             "046D2D27363B"),
    ("086C",             "026C363B"),
    ("08FDC8FC01",       "02FDC8FC01FD08"),
    ("08FDCFFC01",       "02FDC8FC01FD08"),  # the group of voltages
    ("8840FD3A",         "8440FD3A0A000000"),
    ("0878",             "0C7821436587"),
    ("08FF15",           "02FF150B00"),
    ("08AB49",           "02FF150B00"),  # the alias
    ("8880804084FF03",   "8480804084FF030C000000"),
    ("08FF50",           "0DFF50E105"),
    ("48FF50",           "4DFF50E106"),
    # errors of what was named and is not there
    ("08FDC8FC02",       "00FDC8FC8215"),
    ("08AB3C",           "00ABBC15"),
    ("08FD0C",           "00FD8C0C"),
    ("0813",             "00930C"),
    ("0820",             "00A015"),
    ("884004",           "80408403"),
    ("88802004",         "8080208404"),
    ("2804",             "208405"),
    ("881078",           "8010F804"),
    ("880804",           "80088402"),  # storage 16
    ("880F04",           "800F8402"),  # 30 is not the highest number of one DIFE
    ("C80704",           "C0078415"),  # storage 15 is empty
    ("186D",             "10ED15"),
    ("48FDC8FC01",       "40FDC8FC8102"),
    # errors of dates come last
    ("186D 0804",        "04040100000010ED15"),
    ("186D 08FDC8FC02 0804", "00FDC8FC8215" "04040100000010ED15"),
)

WILD = (
    # request       names of the records, in their order
    ("88B03004",    "energy_import import_t1 import_t2 import_t3 import_t4"),
    ("883004",      "energy_import import_t1 import_t2 import_t3 import_t4"),  # one DIFE: 3 is all
    ("98302B",     "max_import max_import_t1"),
    ("C80F04",      "energy_import energy_import_1 energy_import_2"),
    ("C81F04",      "import_t1 import_t1_1"),
    ("7F04",        "energy_import energy_import_1 energy_import_2 energy_export import_t1 import_t1_1"
                    " import_t2 reset_import import_t3 import_t4"),
    ("7F843C",      "energy_export"),
    ("7FFD48",      "voltage_l1"),
    ("7F2B",        "max_import max_import_t1 power_import"),
    ("087E",        "energy_import energy_export power_import serial time voltage_l1 current_l1"
                    " threshold_count date"),
    ("88407E",      "pulse_1"),
    ("88C0407E",    "energy_import energy_export power_import serial time voltage_l1 current_l1"
                    " reset_import threshold_count pulse_1 date"),
)
# fmt: on


def test_each_request_is_answered_by_its_record_or_its_error():
    bench = Bench(**VALUES)
    for requests, expected in ANSWERS:
        assert bench.answer(*requests.split(" ")) == expected, requests


def test_wildcards_mean_every_register_they_can():
    bench = Bench(**VALUES)
    names = bench.registers.names()
    for request, expected in WILD:
        bench.readout.list.clear()
        bench.ask(request)
        found = []
        entry = bench.readout.list._entries[0]
        for row in entry.hits:
            for storage in bench.readout.list._storages(entry, row):
                if bench.snapshot.get(row, storage) is not None:
                    found.append("%s_%d" % (names[row], storage) if storage else names[row])
        assert sorted(found) == sorted(expected.split()), (request, found)


def test_everything_is_every_register_with_a_value_but_events_and_doubles():
    for requests in (("7F",), ("7F7E",)):
        bench = Bench(**VALUES)
        answer = bench.answer(*requests)
        for octets in ("0DFF50", "066D", "036D", "10ED"):
            assert octets not in answer
        for octets in ("040401000000", "440415000000", "84010416000000", "C4100417000000"):
            assert octets in answer
        assert "02FDC8FC01FD08" in answer and "026C363B" in answer
        assert not bench.failed


def test_a_wildcard_that_means_nothing_leaves_the_normal_data():
    bench = Bench(power_import=7)
    assert bench.answer("88B03004") == "042B07000000"
    assert not bench.failed
    assert bench.answer("88B03004", "0804") == "008415"
    assert bench.failed


def test_a_value_that_is_not_there_among_many_is_no_error():
    bench = Bench(import_t1=3)
    assert bench.answer("88B03004") == "84100403000000"
    assert not bench.failed


def test_the_list_action_asks_for_a_data_size():
    bench = Bench(energy_import=70000, power_import=-5, serial=b"1234", time=b"abcd")
    for request, expected in (
        ("0404", "040470110100"),
        ("0604", "0604701101000000"),
        ("0704", "07047011010000000000"),
        ("0C04", "0C0400000700"),
        ("0E04", "0E04000007000000"),
        ("0204", "008416"),
        ("0B04", "0B04000007"),
        ("0A04", "008416"),
        ("012B", "012BFB"),
        ("0A2B", "0A2B05F0"),
        ("0504", "008406"),
        ("0D04", "008406"),
        ("0478", "00F807"),
        ("0C78", "0C7831323334"),
        ("046D", "046D61626364"),
        ("066D", "00ED15"),
        ("026D", "00ED07"),
    ):
        assert bench.answer(request) == expected, request


def test_the_data_of_other_types_is_asked_for_by_its_size():
    bench = Bench(**VALUES)
    for request, expected in (
        ("066D", "066D1E2DC7363B2F"),
        ("036D", "036D012D07"),
        ("046D", "046D2D27363B"),
    ):
        assert bench.answer(request) == expected, request


def test_a_request_stands_in_the_list_once_and_can_be_taken_out():
    bench = Bench(**VALUES)
    bench.ask("0804", "082B", "0804")
    assert bench.read() == ["040401000000042B07000000"]
    bench.ask("-0404")
    assert bench.read() == ["042B07000000"]
    bench.ask("-0C2B")
    assert len(bench.readout.list) == 0


def test_the_list_is_limited():
    bench = Bench()
    for n in range(48):
        bench.ask("08%02X" % n)
    octets = b"\x08\x78"
    assert not bench.readout.list.add(octets, 1)


def test_a_long_list_goes_on_in_the_next_telegram_wherever_it_is_cut():
    requests = ("186D", "88B03004", "08FDC8FC02", "7F2B", "0878", "C80F04")
    whole = Bench(**VALUES).answer(*requests)
    for limit in range(16, 120):
        bench = Bench(**VALUES).ask(*requests)
        telegrams = bench.read(limit)
        assert all(text.endswith("1F") for text in telegrams[:-1]), limit
        joined = "".join(text[:-2] for text in telegrams[:-1]) + telegrams[-1]
        assert joined == whole, limit
        assert bench.failed
