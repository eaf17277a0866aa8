#!/usr/bin/env python3
"""Every row of the table "The edge cases, and what tests them" (docs/protocols/tracker.md) has the tests that it says: C is a
test_row_NN here, U a comment "row N" at a unit test of src/announce or src/tracker."""
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
ROWS = 35


def numbers_in(pattern, paths):
    found = set()
    for path in paths:
        for rows in re.findall(pattern, path.read_text(encoding="utf-8")):
            found.update(int(number) for number in re.findall(r"\d+", rows))
    return found


def main():
    black_box = numbers_in(r"def test(?:_\w*)?(_row_\d+\w*)", Path(__file__).parent.glob("*_rules.py"))
    units = numbers_in(r"// rows? ([\d, ]+)", [*TOP.glob("src/announce/*_test.cpp"), *TOP.glob("src/tracker/*_test.cpp")])
    text = (TOP / "docs/protocols/tracker.md").read_text(encoding="utf-8")
    table = {int(row): kinds for row, kinds in re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)}
    wrong = [f"row {row} is not in the table" for row in range(1, ROWS + 1) if row not in table]
    for row, kinds in table.items():
        for letter, there in (("C", black_box), ("U", units)):
            if re.search(rf"\b{letter}\b", kinds) and row not in there:
                wrong.append(f"row {row} says {letter}, and no such test names it")
        if not re.search(r"\b[CU]\b", kinds):
            wrong.append(f"row {row} has no test")
    print("\n".join(wrong) or f"{len(table)} rows, each with its tests")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
