# SPDX-License-Identifier: MIT
"""Energy at the terminals of a CT meter, in front of the transformers."""

from valued import check, valued_ct

# fmt: off
SECONDARY = (
    "secondary_import      88C04083FF0E         84C040 83FF0E         5E422612",
    "secondary_export      88C04083BCFF0E       84C040 83BCFF0E       1E384D02",
    "secondary_r_import    88C040FB82F3FF0E     84C040 FB82F3FF0E     48364208",
    "secondary_r_export    88C040FB82BCF3FF0E   84C040 FB82BCF3FF0E   F29A3E16",
    "secondary_q1          88C040FB82FC88F3FF0E 84C040 FB82FC88F3FF0E 2A129803",
    "secondary_q4          88C040FB82FC8BF3FF0E 84C040 FB82FC8BF3FF0E 8054460D",
    "secondary_import_t1   88D04083FF0E         84D040 83FF0E         0D090503",
    "secondary_import_t2   88E04083FF0E         84E040 83FF0E         140E0804",
    "secondary_import_t3   88F04083FF0E         84F040 83FF0E         1B130B05",
    "secondary_import_t4   88C05083FF0E         84C050 83FF0E         22180E06",
    "secondary_export_t1   88D04083BCFF0E       84D040 83BCFF0E       A3826100",
    "secondary_export_t2   88E04083BCFF0E       84E040 83BCFF0E       E6B48200",
    "secondary_export_t3   88F04083BCFF0E       84F040 83BCFF0E       29E7A300",
    "secondary_export_t4   88C05083BCFF0E       84C050 83BCFF0E       6C19C500",
    "secondary_r_import_t1 88D040FB82F3FF0E     84D040 FB82F3FF0E     0C090902",
    "secondary_r_import_t2 88E040FB82F3FF0E     84E040 FB82F3FF0E     100C0E02",
    "secondary_r_import_t3 88F040FB82F3FF0E     84F040 FB82F3FF0E     140F1302",
    "secondary_r_import_t4 88C050FB82F3FF0E     84C050 FB82F3FF0E     18121802",
    "secondary_r_export_t1 88D040FB82BCF3FF0E   84D040 FB82BCF3FF0E   20168205",
    "secondary_r_export_t2 88E040FB82BCF3FF0E   84E040 FB82BCF3FF0E   33218B05",
    "secondary_r_export_t3 88F040FB82BCF3FF0E   84F040 FB82BCF3FF0E   462C9405",
    "secondary_r_export_t4 88C050FB82BCF3FF0E   84C050 FB82BCF3FF0E   59379D05",
)
# fmt: on
PROVES = {"test_energy_at_the_terminals": ("value", "SECONDARY")}


def test_energy_at_the_terminals():
    check(valued_ct(), SECONDARY)
