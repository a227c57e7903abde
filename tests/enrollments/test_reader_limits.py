"""What each reader takes for the largest file that is allowed: memory above its imports, and time of the CPU.

Measured under the limits themselves; `-s` prints the figures.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enrollments.portfolio import isolation
from enrollments.portfolio.readings import MOST_BYTES
from tests import depth
from tests.children_files import zipped
from tests.children_files.microbit import END, START, makecode, record, workspace
from tests.children_files.models import RELS, model_xml, object_xml
from tests.children_files.scratch import block, lego, mblock, project, sb2, sb3, target
from tests.photos import saved

MEBIBYTE = 1024 * 1024
MOST_MEMORY, MOST_FOR_PHOTOS, MOST_SECONDS = 300, 600, 10
MEASURE = """
import json, sys, time
from pathlib import Path
sys.path.append({root!r})
from enrollments.portfolio.readers.__main__ import answer, limit_memory, take_limits
def peak():  # not ru_maxrss, which begins with that of the process that started this one
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
before = []
def limit(most):
    before.append(peak())
    limit_memory(most)
take_limits()
line, clean = answer(Path({path!r}), "file.py", limit)
print(json.dumps([json.loads(line), peak() - before[-1], time.process_time()]))
"""


def wavy(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """A closed tube with a rough surface: rows × columns corners, and twice as many triangles."""
    chance = np.random.default_rng(0)
    turn = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    along = np.linspace(0, 2 * np.pi, rows, endpoint=False)
    radius = 10 + chance.random((rows, columns))
    ring = 40 + radius * np.cos(turn)
    points = np.stack(
        [ring * np.cos(along)[:, None], ring * np.sin(along)[:, None], radius * np.sin(turn)], axis=-1
    )
    row, column = np.mgrid[0:rows, 0:columns]
    a = row * columns + column
    b, c = row * columns + (column + 1) % columns, (row + 1) % rows * columns + column
    d = (row + 1) % rows * columns + (column + 1) % columns
    return points.reshape(-1, 3), np.concatenate([np.stack([a, b, d], -1), np.stack([a, d, c], -1)]).reshape(
        -1, 3
    )


def largest_stl() -> bytes:
    points, faces = wavy(512, 511)
    facets = np.zeros(
        len(faces), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]
    )
    facets["corners"] = points[faces]
    return bytes(80) + len(faces).to_bytes(4, "little") + facets.tobytes()


def largest_text_stl() -> bytes:
    points, faces = wavy(330, 310)
    facet = "facet normal 0 0 0\nouter loop\n{}endloop\nendfacet\n"
    lines = [
        facet.format("".join(f"vertex {x:.2f} {y:.2f} {z:.2f}\n" for x, y, z in points[face]))
        for face in faces[:-1]
    ]
    return f"solid a\n{''.join(lines)}endsolid a\n".encode()


def largest_3mf() -> bytes:
    points, faces = wavy(546, 549)
    vertices = "".join(f'<vertex x="{x:.3f}" y="{y:.3f}" z="{z:.3f}"/>' for x, y, z in points)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces.tolist())
    mesh = f"<mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh>"
    return zipped({"_rels/.rels": RELS.format("3D/a.model"), "3D/a.model": model_xml(object_xml(1, mesh))})


def many_blocks(count: int) -> list[dict]:
    return [
        block("motion_movesteps", id=str(number), inputs={"STEPS": [1, [4, "10"]]}) for number in range(count)
    ]


def padded(data: bytes) -> bytes:
    """The ZIP with a sound that fills it up to 25 MB."""
    out = BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("song.wav", bytes(MOST_BYTES - len(data) - 300))
    return out.getvalue()


def picture(mode: str, kind: str, size: tuple[int, int] = (8000, 5000)) -> bytes:
    image = Image.new(mode, size, (120, 130, 140, 255)[: len(mode)])
    image.putpixel((0, 0), (1, 2, 3, 4)[: len(mode)])
    return saved(image, kind, **({"method": 0} if kind == "WEBP" else {}))


LARGEST: dict[str, Callable[[], bytes]] = {
    "scratch3": lambda: padded(sb3(target(many_blocks(90_000)))),
    "scratch_sprite": lambda: padded(zipped({"sprite.json": target(many_blocks(90_000))})),
    "scratch2": lambda: padded(
        sb2([[["doIf", ["<", ["readVariable", "x"], "3"], [["forward:", 10]]]]] * 120_000)
    ),
    "scratch1": lambda: b"ScratchV02" + bytes(MOST_BYTES - 10),
    "mblock": lambda: padded(mblock(many_blocks(90_000))),
    "lego": lambda: padded(lego(many_blocks(90_000))),
    "microbit_makecode": lambda: makecode(
        {
            "main.blocks": workspace(*['<block type="basic_show_string"/>'] * 100_000),
            "main.ts": "a" * 4_000_000,
        }
    ),
    "microbit_hex": lambda: (
        f"{START}\n{f'{record(0, 0, bytes(range(16)))}{chr(10)}' * 595_000}{END}".encode()
    ),
    "python": lambda: (b"for i in [1, 2]:\n    print(i)\n" * 18_000)[: 512 * 1024],
    "stl": largest_stl,
    "stl, in words": largest_text_stl,
    "model_3mf": largest_3mf,
    "picture": lambda: picture("RGB", "JPEG"),
    "picture, PNG": lambda: picture("RGB", "PNG"),
    "picture, transparent": lambda: picture("RGBA", "PNG"),
    "picture, WebP of 24 megapixels": lambda: picture("RGBA", "WEBP", (6000, 4000)),
    "picture, HEIC of 12 megapixels": lambda: picture("RGB", "HEIF", (4000, 3000)),
}


USUALLY = ("scratch3", "microbit_hex", "stl", "model_3mf", "picture, transparent")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the memory of a process")
@pytest.mark.parametrize("label", LARGEST if depth.THOROUGH else USUALLY)
def test_the_largest_file_is_read_within_its_memory_and_time(label, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(LARGEST[label]())
    assert path.stat().st_size <= MOST_BYTES
    code = MEASURE.format(root=str(isolation.ROOT), path=str(path))
    run = subprocess.run(
        [sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=isolation.ENVIRONMENT,
    )
    said, memory, seconds = json.loads(run.stdout)
    kind = label.partition(",")[0]
    assert said.get("kind") == kind, said
    print(f"{label}: {path.stat().st_size / MEBIBYTE:.1f} MB, {memory:.0f} MB of memory, {seconds:.1f} s")
    assert memory < (MOST_FOR_PHOTOS if kind == "picture" else MOST_MEMORY)
    assert seconds < MOST_SECONDS


def test_a_model_of_a_million_triangles_is_too_complex(tmp_path):
    """Its XML is unpacked and parsed only as far as it may go."""
    triangles = '<triangle v1="0" v2="1" v3="2"/>' * 1_000_000
    mesh = f'<mesh><vertices><vertex x="0" y="0" z="0"/></vertices><triangles>{triangles}</triangles></mesh>'
    path = tmp_path / "upload"
    path.write_bytes(
        zipped({"_rels/.rels": RELS.format("a.model"), "a.model": model_xml(object_xml(1, mesh))})
    )
    assert isolation.read(path, "a.3mf", patience=60).fault == "too_complex"


def test_more_json_than_a_project_has_is_too_complex(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(zipped({"project.json": project(target(many_blocks(120_000)))}))
    assert isolation.read(path, "a.sb3", patience=60).fault == "too_complex"
