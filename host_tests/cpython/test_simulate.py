# SPDX-License-Identifier: MIT
"""`mbus simulate`: which meters it makes of its options, its errors, its beginning and its end."""

import os
import select
import signal
import socket

import pytest
from simulation import DEADLINE_S, Simulation, wait_until

from helpers import raises
from mbus.header import secondary_text
from mbusnode import cli, simulate

SELECT_ALL = "680B0B6853FD52FFFFFFFFFFFFFFFF9A16"
MOVE_1_TO_8 = "68060668530151017A082816"


def meters(*options):
    arguments = cli.build_parser().parse_args(["simulate", "--tcp", "127.0.0.1:0", *options])
    return [
        (c.primary, secondary_text(c.identification), c.serial[::-1].hex(), c.telegrams)
        for c in simulate.configs_of(arguments)
    ]


def test_meters_count_on_from_the_first():
    assert meters() == [(1, "123456780D170102", "87654321", 2)]
    assert meters("--meters", "3")[1:] == [
        (2, "123456790D170102", "87654322", 2),
        (3, "123456800D170102", "87654323", 2),
    ]
    options = (
        "--meters",
        "2",
        "--primary",
        "0",
        "--identification",
        "00000009",
        "--serial",
        "00000000",
    )
    assert meters(*options, "--telegrams", "3") == [
        (0, "000000090D170102", "00000000", 3),
        (1, "000000100D170102", "00000001", 3),
    ]


def test_a_file_says_what_meters_there_are_and_options_say_more(tmp_path):
    path = tmp_path / "meters.toml"
    path.write_text(
        'telegrams = 3\nmanufacturer = "KAM"\nversion = 2\n'
        '[[meter]]\nprimary = 17\nidentification = "00000001"\n'
        '[[meter]]\nmanufacturer = "EXM"\ntype = 3\nstrict = true\n'
    )
    config = ("--config", str(path))
    first = (17, "000000012D2C0202", "87654321", 3)
    second = (2, "123456790D170203", "87654322", 3)
    third = (3, "123456802D2C0202", "87654323", 3)
    assert meters(*config) == [first, second]
    assert meters(*config, "--meters", "3") == [first, second, third]
    assert meters(*config, "--telegrams", "2", "--version", "9", "--primary", "5")[1] == (
        6,
        "123456790D170903",
        "87654322",
        2,
    )


TCP = ("--tcp", "127.0.0.1:0")
USAGE = (
    (("--tcp", "10001"), "--tcp 10001: give HOST:PORT"),
    (("--tcp", "127.0.0.1:http"), "--tcp 127.0.0.1:http: give HOST:PORT"),
    (("--tcp", "127.0.0.1:70000"), "127.0.0.1:70000: ports end at 65535"),
    ((*TCP, "--meters", "0"), "--meters 0: at least one is needed"),
    ((*TCP, "--meters", "300"), "meter 251: primary=251: allowed is 0 to 250"),
    ((*TCP, "--baud", "1000"), "meter 1: baud=1000: allowed is 300, 600"),
    ((*TCP, "--baud", "0"), "meter 1: baud=0: allowed is 300, 600"),
    ((*TCP, "--primary", "251"), "meter 1: primary=251: allowed is 0 to 250"),
    ((*TCP, "--identification", "1234567A"), "identification=1234567A: allowed is 8 decimal"),
    ((*TCP, "--manufacturer", "exm"), "manufacturer=exm: allowed is three capital letters"),
    ((*TCP, "--telegrams", "4"), "telegrams=4: allowed is 2 or 3"),
    ((*TCP, "--config", "/no/such/file"), "--config /no/such/file cannot be read: No such file"),
    ((*TCP, "--state", "/dev/null/x"), "--state /dev/null/x cannot be used: "),
    ((*TCP, "--log", "/dev/null/x"), "--log /dev/null/x cannot be written: Not a directory"),
    (("--pty", "/no/such/folder/line"), "/no/such/folder/line cannot be made: No such file"),
    (("--pty", "/dev/null"), "/dev/null exists: choose another name"),
)


@pytest.mark.parametrize(("arguments", "words"), USAGE, ids=[words for _, words in USAGE])
def test_wrong_usage_is_told_in_one_line(capsys, arguments, words):
    assert cli.main(["simulate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mbus: ") and words in err and err.count("\n") == 1


FILES = (
    (b"primari = 5", "meters.toml: unknown setting primari; did you mean primary?"),
    (b"[[meter]]\nbaud = 301", "meters.toml: meter 1: baud=301: allowed is 300, 600"),
    (b"[[meter]]\nus = 300", "meter 1: unknown setting us; did you mean bus?"),
    (b"telegrams = 4", "telegrams=4: allowed is 2 or 3"),
    (b"primary = [1]", "primary=[1]: allowed is 0 to 250"),
    (b"primary = ", "Invalid value (at end of document)"),
    (b"\xff\xfe", "can't decode byte 0xff"),
    (b"meter = [1, 2]", "meters are [[meter]] tables, in two brackets"),
    (b"[meter]\nprimary = 5", "meters are [[meter]] tables, in two brackets"),
)


@pytest.mark.parametrize(("content", "words"), FILES, ids=[words for _, words in FILES])
def test_a_file_that_cannot_be_is_told_in_one_line(capsys, tmp_path, content, words):
    path = tmp_path / "meters.toml"
    path.write_bytes(content)
    assert cli.main(["simulate", *TCP, "--config", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("mbus: ") and words in err and err.count("\n") == 1


def test_a_port_that_is_taken_is_an_error_of_the_bus(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = "127.0.0.1:%d" % taken.getsockname()[1]
        assert cli.main(["simulate", "--tcp", where]) == 1
    assert capsys.readouterr().err == "mbus: cannot listen at %s: Address already in use\n" % where


class Master:
    """Says octets to a simulation over TCP; hexadecimal both ways."""

    def __init__(self, bus):
        self._line = socket.create_connection(bus.host_and_port, DEADLINE_S)

    def ask(self, request, size):
        """size octets of the answer; for 0, what comes within 0.3 s."""
        self._line.sendall(bytes.fromhex(request))
        octets = b""
        while len(octets) < max(size, 1):
            if not select.select([self._line], [], [], DEADLINE_S if size else 0.3)[0]:
                break
            octets += self._line.recv(300)
        return octets.hex().upper()

    def close(self):
        self._line.close()


@pytest.fixture
def ask():
    """ask(bus, request, size) over a connection of its own to each simulation."""
    masters = {}

    def say(bus, request, size):
        if bus not in masters:
            masters[bus] = Master(bus)
        return masters[bus].ask(request, size)

    yield say
    for master in masters.values():
        master.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("tcp", [False, True])
def test_it_ends_well_by_a_signal_and_leaves_no_link(tmp_path, number, tcp):
    with Simulation(tmp_path, tcp=tcp) as bus:
        assert os.path.lexists(bus.link) != tcp
        assert tcp or bus.where == str(bus.link)
        bus.process.send_signal(number)
        assert bus.process.wait(DEADLINE_S) == 0
        assert not os.path.lexists(bus.link)


def test_what_a_master_changed_is_kept_however_soon_it_ends(tmp_path, ask):
    options = ("--state", str(tmp_path / "state" / "here"), "--baud", "9600", "--meters", "2")
    with Simulation(tmp_path, *options, tcp=True) as bus:
        assert ask(bus, "1040014116", 1) == "E5"
        assert ask(bus, MOVE_1_TO_8, 1) == "E5"
    with Simulation(tmp_path, *options, tcp=True) as bus:
        assert ask(bus, "1040014116", 0) == ""
        assert ask(bus, "1040084816", 1) == "E5"
        assert ask(bus, "1040024216", 1) == "E5"
    with Simulation(tmp_path, "--baud", "9600", tcp=True) as bus:
        assert ask(bus, "1040014116", 1) == "E5"


def test_an_automatic_meter_answers_at_the_rate_of_its_master(tmp_path, ask):
    config = tmp_path / "auto.toml"
    config.write_text('[[meter]]\nbaud = "auto"\nprofile = "legacy"\nct = true\n')
    for baud in ("300", "2400", "9600"):
        options = ("--baud", baud, "--config", str(config))
        with Simulation(tmp_path, *options, tcp=True) as bus:
            assert ask(bus, "1040014116", 1) == "E5", baud


def test_a_meter_begins_with_the_rate_that_a_master_gave_it(tmp_path, ask):
    config = tmp_path / "fixed.toml"
    config.write_text("[[meter]]\nbaud = 2400\n")
    options = ("--state", str(tmp_path / "state"), "--config", str(config))
    with Simulation(tmp_path, "--baud", "2400", *options, tcp=True) as bus:
        assert ask(bus, "680303685301BD1116", 1) == "E5"
    with Simulation(tmp_path, "--baud", "2400", *options, tcp=True) as bus:
        assert ask(bus, "1040014116", 1) == "E5", "not yet proved good"


def test_meters_that_answer_together_collide(tmp_path, ask):
    with Simulation(tmp_path, "--meters", "2", "--baud", "9600", tcp=True) as bus:
        assert ask(bus, SELECT_ALL, 1) == "E5"
        ask(bus, "107BFD7816", 20)
        wait_until(lambda: "*" in [who for who, _ in bus.log()][4:])
        log = bus.log()
    assert log[0] == ("M", SELECT_ALL)
    assert sorted(log[1:3]) == [("S1", "E5"), ("S2", "E5")]
    assert log[3] == ("*", "E5")
    assert log[4] == ("M", "107BFD7816")
    replies = dict(log[5:7])
    assert replies["S1"][:14] == "687A7A68080172" and replies["S2"][:14] == "687A7A68080272"
    assert log[12] == ("*", "00")  # 01 and 02


def test_options_of_the_stations_and_the_line(tmp_path, ask):
    reset_253 = "1040FD3D16"
    with Simulation(tmp_path, "--baud", "9600", "--echo", tcp=True) as bus:
        assert ask(bus, reset_253, 5) == reset_253
        assert ask(bus, "1040014116", 6) == "1040014116E5"
    with Simulation(tmp_path, "--baud", "9600", "--ack-reset-253", "--strict", tcp=True) as bus:
        assert ask(bus, reset_253, 1) == "E5"
        first = ask(bus, "107B017C16", 128)
        assert ask(bus, reset_253, 1) == "E5"
        assert ask(bus, "107B017C16", 128) == first
    with Simulation(tmp_path, "--baud", "9600", tcp=True) as bus:
        first = ask(bus, "107B017C16", 128)
        ask(bus, reset_253, 0)
        again = ask(bus, "107B017C16", 128)
        assert again[:28] == first[:28]
        assert again[30:32] != first[30:32]  # another access number: a new readout


class Full:
    """A module that has changed, on a disk that is full at first."""

    changed = True
    failures = 1
    tries = 0
    ticks = 0

    def tick(self, now):
        self.ticks += 1

    def due(self, now):
        return self.changed

    def persist(self, now):
        self.tries += 1
        if self.tries <= self.failures:
            raise OSError(28, "No space left on device")
        self.changed = False


def test_a_full_disk_is_told_of_and_tried_again_later(capsys, monkeypatch):
    now = [1_000_000_000]
    monkeypatch.setattr(simulate, "clock_us", lambda: now[0])
    module = Full()
    keeper = simulate.Keeper(module, 7)
    for _ in range(3):
        keeper.look()
    assert module.tries == 1
    assert "meter 7 cannot store: [Errno 28] No space" in capsys.readouterr().err
    now[0] += 10_000_000
    keeper.look()
    keeper.look()
    assert module.tries == 2
    assert not module.changed
    assert module.ticks == 5, "the meter goes on all the while"
    assert capsys.readouterr().err == ""


def test_the_way_to_the_bus_must_be_said():
    error = raises(SystemExit, cli.build_parser().parse_args, ["simulate"])
    assert error.code == 2
