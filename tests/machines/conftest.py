"""Where the servers of these tests keep what is theirs."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_folder():
    """A folder that another account may enter, unlike pytest's own; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="academy-machines-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
