# SPDX-License-Identifier: MIT
"""The codes of an older module: tariffs in kWh on subunit 1, directions by subunit."""

from valued import check, valued

# fmt: off
LEGACY = (
    # register       selection  record: DIB and VIB, data
    "energy_export   884004     8440 04   FE162C01",
    "reactive_import 88804004   848040 04 F0E3DC08",
    "reactive_export 88C0C00004 84C040 04 9065DF11",
    "import_t1       885006     8450 06   37BF0600",
    "import_t2       886006     8460 06   25510900",
)
# fmt: on
PROVES = {"test_the_codes_of_an_older_module": ("legacy", "LEGACY")}


def test_the_codes_of_an_older_module():
    check(valued(profile="legacy"), LEGACY)
