"""A run of all tests leaves no file behind: what they leave may lie on a memory disk, and fills it run by run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
LITTER = """
import tempfile
from pathlib import Path

def test_litters(tmp_path, tmp_path_factory):
    for folder in (tmp_path, tmp_path_factory.mktemp("kept"), Path(tempfile.mkdtemp())):
        (folder / "town.db").write_bytes(b"town")
    assert Path("{proof}").write_text(str(tmp_path))
    assert {well}
"""


@pytest.mark.parametrize("well", [True, False])
def test_a_run_of_tests_takes_its_files_with_it(well: bool, tmp_path: Path) -> None:
    ground, proof, litter = tmp_path / "ground", tmp_path / "proof", tmp_path / "test_litter.py"
    ground.mkdir()
    litter.write_text(LITTER.format(proof=proof, well=well), encoding="utf-8")
    command = [sys.executable, "-m", "tests.again", "-c", os.devnull, "--rootdir", str(tmp_path), str(litter)]
    ended = subprocess.run(
        command, cwd=HOUSE, env=os.environ | {"TMPDIR": str(ground)}, capture_output=True, check=False
    )
    assert (ended.returncode == 0) is well, ended.stdout.decode()
    assert proof.read_text().startswith(str(ground))
    assert list(ground.iterdir()) == []
