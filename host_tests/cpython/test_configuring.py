# SPDX-License-Identifier: MIT
"""`mbus config`: what it compiles and shows, its errors, and the examples of each variant."""

import pytest
from commands import run

from importgraph import ROOT
from mbusnode import cli, configuring, simulate
from meters import Slots
from node.assembly import assemble
from node.config import Config
from node.configfile import settings_of
from node.configkeys import rows

EXAMPLES = ROOT / "boards/desk/examples"
# Each example, and what makes it one.
VARIANTS = {
    "single-phase": {"phases": 1, "source": "pulse1", "pulse2_weight": (1, 10)},
    "three-phase": {"phases": 3, "breaker": True, "reconnect": "manual", "debit_day": 31},
    "ct": {"ct": True, "ratio": 200, "telegrams": 3, "pulse1_weight": (10000, 1)},
    "prepayment": {"prepayment": True, "breaker": True, "save_min": 5},
    "time-table": {
        "tariff_source": 2,
        "dst": "eu",
        "tariff_table": (
            (0x1F, 0xFFF, 360, 1),
            (0x7F, 0xFFF, 1320, 2),
            (0x60, 0xE07, 1020, 3),
        ),
    },
    "legacy": {"profile": "legacy", "primary": 17, "baud": 300, "strict": True},
    "load-profile": {"source": "load_profile", "period_min": 5},
}


@pytest.fixture
def toml(tmp_path):
    """toml(text) gives the path of a file that holds it."""

    def write(text):
        path = tmp_path / "meter.toml"
        path.write_text(text)
        return str(path)

    return write


def test_every_variant_has_an_example_that_says_what_it_is():
    found = {path.name: path for path in EXAMPLES.iterdir()}
    assert set(found) == {name + ".toml" for name in VARIANTS}
    for path in found.values():
        assert path.read_text().startswith("# "), path


@pytest.mark.parametrize("name", VARIANTS)
def test_an_example_compiles_to_what_a_device_reads(capsys, name):
    code, out, err = run(capsys, "config", str(EXAMPLES / (name + ".toml")))
    assert (code, err) == (0, "")
    config = Config(settings_of(out.encode()))
    for key, value in VARIANTS[name].items():
        assert getattr(config, key) == value, key
    assert len(out) < 1000  # a device reads it as a whole
    module = assemble(config, Slots(), 1000)
    assert (module.primary, module.failure) == (config.primary, None)


@pytest.mark.parametrize("name", VARIANTS)
def test_an_example_can_be_simulated(name):
    path = str(EXAMPLES / (name + ".toml"))
    args = ["simulate", "--tcp", "127.0.0.1:0", "--meters", "2", "--config", path]
    first, second = simulate.configs_of(cli.build_parser().parse_args(args))
    for key, value in VARIANTS[name].items():
        assert getattr(first, key) == getattr(second, key) == value, key


def test_the_compiled_file_has_the_settings_that_were_given(capsys, toml, tmp_path):
    path = toml('ct = true\nprimary = 5\nmanufacturer = "ABB"\nutc_offset_min = -60\n')
    out = tmp_path / "meter.conf"
    assert run(capsys, "config", path, "-o", str(out), "--meter", "3") == (0, "", "")
    lines = out.read_text().splitlines()
    assert lines[0].startswith("# mbus-node configuration, 5 settings, crc ")
    assert lines[1:] == [
        "meter=3",
        "primary=5",
        "manufacturer=ABB",
        "ct=yes",
        "utc_offset_min=-60",
    ]
    assert run(capsys, "config", path, "--meter", "3")[1] == out.read_text()


def test_of_several_meters_one_is_compiled(capsys, toml):
    path = toml("telegrams = 3\nprimary = 1\n[[meter]]\n[[meter]]\nprimary = 9\n")
    for meter, settings in (
        ((), {"meter": "1", "primary": "1", "telegrams": "3"}),
        (("--meter", "2"), {"meter": "2", "primary": "9", "telegrams": "3"}),
    ):
        assert settings_of(run(capsys, "config", path, *meter)[1].encode()) == settings
    for wrong in ("0", "3"):
        code, _, err = run(capsys, "config", path, "--meter", wrong)
        assert code == 2
        assert "meter.toml has 2 [[meter]] tables: no meter " + wrong in err


def test_a_time_table_may_be_tables_or_one_text(capsys, toml):
    for text in (
        '[[tariff_table]]\nat = "06:00"\ntariff = 1\n'
        '[[tariff_table]]\ndays = "Sa, Su"\nmonths = 7\nat = "22:30"\ntariff = 2\n',
        'tariff_table = [{at="06:00", tariff=1}, {days="Sa,Su", months="7", at="22:30", tariff=2}]',
        'tariff_table = "Mo-Su 1-12 06:00 1; Sa,Su 7 22:30 2"',
    ):
        out = run(capsys, "config", toml(text))[1]
        assert "tariff_table=Mo-Su 1-12 06:00 1; Sa,Su 7 22:30 2\n" in out, text


def test_check_shows_every_setting_and_marks_the_defaults(capsys, toml):
    code, out, err = run(capsys, "config", toml("primary = 7\nlock = false\n"), "--check")
    assert (code, err) == (0, "")
    shown = {line.split()[0]: line.split()[1:3] for line in out.splitlines()}
    assert list(shown) == [key for key, _, _ in rows()]
    assert shown["primary"][0] == "7" and shown["primary"][1] != "default"
    assert shown["lock"][0] == "no" and shown["lock"][1] != "default"
    assert shown["baud"] == ["2400", "default"]
    assert shown["identification"] == ["12345678", "default"]
    assert shown["serial"] == ["87654321", "default"]
    assert shown["tariff_table"] == ["none", "default"]
    out = run(capsys, "config", toml('identification = "00000042"'), "--check", "--meter", "2")[1]
    assert "00000042 " in out and "87654322 " in out


# fmt: off
WRONG = (
    ("primary = 251",                 "primary=251: allowed is 0 to 250"),
    ("primary = 5.0",                 "primary=5.0: allowed is 0 to 250"),
    ("bus = ['x']",                   "bus=['x']: allowed is one line"),
    ("phases = 2",                    "phases=2: allowed is 1 or 3"),
    ("ct = 1",                        "ct=1: allowed is no or yes"),
    ("pulse1_weight = 0",             "pulse1_weight=0: allowed is pulses of a unit"),
    ("prepayment = true",             "prepayment=yes: allowed only with breaker=yes"),
    ("ct = true\nphases = 1",         "ct=yes: allowed only with phases=3"),
    ("tariff_source = 'clock'",       "tariff_source=clock: allowed only with a tariff_table"),
    ("tarif_source = 'bus'",          "unknown setting tarif_source; did you mean tariff_source"),
    ("colour = 'red'",                "unknown setting colour; known are primary, identification"),
    ("[[tariff_table]]\nat = '6:00'\ntariff = 1",
                                      "tariff_table=entry 1, Mo-Su 1-12 6:00 1: allowed is at most 16"),
    ("[[tariff_table]]\ntariff = 1",  "tariff_table, entry 1: at is missing"),
    ("[[tariff_table]]\nat = '06:00'\ntarif = 1",
                                      "tariff_table, entry 1: unknown key tarif; did you mean tariff?"),
    ("tariff_table = [7]",            "tariff_table, entry 1: 7: it is a table with days, months"),
    ("[tariff_table]\nat = '06:00'",  "tariff_table={'at': '06:00'}: allowed is at most 16"),
    ("[[meter]]\nprimary = 1\n[[meter]]\nprimari = 2",
                                      "meter 2: unknown setting primari; did you mean primary?"),
    ("primary = ",                    "Invalid value"),
)
# fmt: on


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[words for _, words in WRONG])
def test_an_error_names_the_file_the_key_the_value_and_what_is_allowed(capsys, toml, text, words):
    code, out, err = run(capsys, "config", toml(text))
    assert (code, out) == (2, "")
    assert err.startswith("mbus: ") and "meter.toml: " in err and words in err
    assert err.count("\n") == 1


def test_files_that_cannot_be_read_or_written_are_told_of(capsys, toml):
    code, _, err = run(capsys, "config", "/no/such.toml")
    assert (code, err) == (2, "mbus: /no/such.toml cannot be read: No such file or directory\n")
    code, _, err = run(capsys, "config", toml("primary = 1"), "-o", "/no/such/meter.conf")
    assert code == 2
    assert "/no/such/meter.conf cannot be written: No such file" in err
    assert run(capsys, "config", toml(""), "--meter", "1001")[0] == 2


def test_every_setting_can_be_in_a_file_for_simulated_meters(toml):
    texts = {"baud": "9600", "bus": "x", "echo": "on"}
    given = {key: texts.get(key, default) for key, default, _ in rows() if key != "meter"}
    lines = ['%s = "%s"\n' % item for item in given.items() if item[1] is not None]
    args = ["simulate", "--tcp", "127.0.0.1:0", "--config", toml("".join(lines))]
    (config,) = simulate.configs_of(cli.build_parser().parse_args(args))
    assert (config.baud, config.source, config.echo, config.primary) == (9600, "pulse1", "off", 0)


def test_a_simulated_meter_has_values_of_a_host_and_an_address_where_nothing_else_is_said():
    args = cli.build_parser().parse_args(["simulate", "--tcp", "127.0.0.1:0", "--meters", "2"])
    assert [(c.source, c.primary, c.phases) for c in simulate.configs_of(args)] == [
        ("host", 1, 3),
        ("host", 2, 3),
    ]
    args.source, args.phases, args.meters = "load_profile", "1", 1
    assert [(c.source, c.phases) for c in simulate.configs_of(args)] == [("load_profile", 1)]


def test_every_setting_is_explained_and_nothing_else():
    assert list(configuring.MEANINGS) == [key for key, _, _ in rows()]


def test_the_table_in_the_readme_is_that_of_the_settings():
    assert configuring.markdown() in (ROOT / "README.md").read_text()
