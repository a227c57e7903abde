"""Models for the printer, as drawing programs write them; trimesh and lib3mf are witnesses of sizes and volumes."""

import importlib.util
import math

import numpy as np
import pytest
import trimesh

from tests.children_files import told, understood
from tests.children_files.models import (
    RELS,
    START,
    binary,
    box,
    by_lib3mf,
    by_numpy_stl,
    mesh_xml,
    model_xml,
    object_xml,
    opened,
    package,
    simple,
    text,
    together,
)

BOX = {"size_mm": [42.0, 30.0, 12.0], "volume_cm3": 15.12, "certainty": "exact", "solids": 1}
BALL = trimesh.creation.icosphere(subdivisions=3, radius=10)
TWO = together(box(), box(at=(60, 0, 0)))
TWO_SOLIDS = text(box()) + text(box(at=(60, 0, 0)))
INSIDE = box(10, 10, 4, at=(5, 5, 4))
HOLLOW = together(box(), trimesh.Trimesh(INSIDE.vertices, INSIDE.faces[:, ::-1], process=False))
INSIDE_OUT = trimesh.Trimesh(box().vertices, box().faces[:, ::-1], process=False)
FLIPPED = trimesh.Trimesh(
    box().vertices, np.vstack([box().faces[:-1], box().faces[-1:, ::-1]]), process=False
)
SLIVER = trimesh.Trimesh(box().vertices, np.vstack([box().faces, [[0, 0, 1]]]), process=False)
UNKNOWN = {"certainty": "unknown", "volume_cm3": None, "grams": None}

STL = {
    "bytes, by trimesh": (binary(box()), BOX),
    "bytes, by numpy-stl": (by_numpy_stl(box()), BOX),
    "words, by trimesh": (text(box()), BOX),
    "words, by numpy-stl": (by_numpy_stl(box(), as_text=True, name="boat"), BOX | {"title": "boat"}),
    "bytes that begin with solid": (b"solid cube".ljust(80) + binary(box())[80:], BOX),
    "bytes after a space": (b" solid PRO2STL".ljust(80) + binary(box())[80:], BOX),
    "bytes behind the last facet": (binary(box()) + b"\0" * 10, BOX),
    "words in capitals": (text(box()).upper(), BOX),
    "words of Windows": (text(box()).replace(b"\n", b"\r\n"), BOX),
    "words behind a mark": (b"\xef\xbb\xbf" + text(box()), BOX),
    "two solids": (
        TWO_SOLIDS,
        {"named_solids": 2, "solids": 2, "size_mm": [102.0, 30.0, 12.0], "volume_cm3": 30.24},
    ),
    "two pieces": (binary(TWO), {"solids": 2, "volume_cm3": 30.24, "certainty": "exact"}),
    "a ball": (binary(BALL), {"certainty": "exact", "volume_cm3": round(BALL.volume / 1000, 3)}),
    "a room inside": (binary(HOLLOW), {"volume_cm3": 14.72, "certainty": "exact"}),
    "parts that overlap": (
        binary(together(box(), box(at=(10, 10, 3)))),
        {"certainty": "about", "volume_cm3": 30.24},
    ),
    "a hole": (binary(opened(box())), UNKNOWN | {"size_mm": [42.0, 30.0, 12.0]}),
    "half a ball": (binary(opened(BALL, 600)), UNKNOWN),
    "inside out": (binary(INSIDE_OUT), BOX),
    "one facet turned": (binary(FLIPPED), UNKNOWN),
    "a facet without area": (binary(SLIVER), BOX),
    "far from zero": (binary(box(at=(-500, 200, 0))), BOX),
    "the program": (b"OpenSCAD Model".ljust(80) + binary(box())[80:], {"program": "OpenSCAD"}),
}


@pytest.mark.parametrize("label", STL)
def test_a_model_in_stl(label, tmp_path):
    data, expected = STL[label]
    found = understood(tmp_path, data, "print in place.stl")
    assert (found.get("kind"), found.get("extension")) == ("stl", "stl"), found
    assert told(found, expected) == expected
    assert len(STL) >= 20


UPRIGHT = (1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)
TWICE = (2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0)
TURNED = (0, 1, 0, -1, 0, 0, 0, 0, 1, 100, 0, 0)
MIRRORED = (-1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)
A_BOX = object_xml(1, mesh_xml(box()))
ITEM = '<item objectid="{}" transform="{}"/>'
PUT = '<component objectid="{}" transform="{}"/>'
PART = "3D/Objects/object_1.model"
IN_PART = '<component p:path="/3D/Objects/{}.model" objectid="1"/>'
MODEL_3MF = {
    "one box": (simple(box()), BOX | {"unit": "millimeter", "placed": 1}),
    "inches": (simple(box(1, 1, 1), unit="inch"), {"size_mm": [25.4, 25.4, 25.4], "volume_cm3": 16.387}),
    "centimetres": (simple(box(1, 2, 3), unit="centimeter"), {"size_mm": [10.0, 20.0, 30.0]}),
    "metres": (simple(box(0.1, 0.1, 0.1), unit="meter"), {"size_mm": [100.0, 100.0, 100.0]}),
    "microns": (simple(box(1000, 2000, 3000), unit="micron"), {"size_mm": [1.0, 2.0, 3.0]}),
    "feet": (simple(box(1, 1, 1), unit="foot"), {"size_mm": [304.8, 304.8, 304.8]}),
    "placed at twice its size": (
        package(model_xml(A_BOX, ITEM.format(1, "2 0 0 0 2 0 0 0 2 0 0 0"))),
        {"size_mm": [84.0, 60.0, 24.0], "volume_cm3": 120.96, "certainty": "exact"},
    ),
    "a mirror": (package(model_xml(A_BOX, ITEM.format(1, "-1 0 0 0 1 0 0 0 1 0 0 0"))), BOX),
    "placed twice": (
        package(model_xml(A_BOX, ITEM.format(1, "1 0 0 0 1 0 0 0 1 0 0 0") + ITEM.format(1, "1 0 0 0 1 0 0 0 1 99 0 0"))),
        {"solids": 2, "placed": 2, "volume_cm3": 30.24},
    ),
    "an object that is not placed": (package(model_xml(A_BOX + object_xml(2, mesh_xml(box(200, 9, 9))))), BOX),
    "support": (
        package(model_xml(A_BOX + object_xml(2, mesh_xml(box(200, 9, 9)), type="support"),
                          '<item objectid="1"/><item objectid="2"/>')), BOX,
    ),
    "support that holds": (
        package(model_xml(A_BOX + object_xml(2, mesh_xml(box(200, 9, 9)), type="solidsupport"),
                          '<item objectid="1"/><item objectid="2"/>')), BOX,
    ),
    "components": (
        package(model_xml(A_BOX + object_xml(2, f"<components>{PUT.format(1, '1 0 0 0 1 0 0 0 1 0 0 0')}"
                          f"{PUT.format(1, '1 0 0 0 1 0 0 0 1 0 0 50')}</components>"), '<item objectid="2"/>')),
        {"size_mm": [42.0, 30.0, 62.0], "solids": 2, "volume_cm3": 30.24},
    ),
    "components of components": (
        package(model_xml(A_BOX + object_xml(2, f"<components>{PUT.format(1, '2 0 0 0 1 0 0 0 1 0 0 0')}</components>")
                          + object_xml(3, f"<components>{PUT.format(2, '1 0 0 0 3 0 0 0 1 0 0 0')}</components>"),
                          '<item objectid="3"/>')), {"size_mm": [84.0, 90.0, 12.0]},
    ),
    "a part of its own, as Bambu Studio": (
        package(model_xml(object_xml(9, f"<components>{IN_PART.format('object_1')}</components>"), '<item objectid="9"/>'),
                **{PART: model_xml(A_BOX, "")}), BOX,
    ),
    "two parts with the same numbers": (
        package(model_xml(object_xml(1, f"<components>{IN_PART.format('a')}{IN_PART.format('b')}</components>")),
                **{"3D/Objects/a.model": model_xml(A_BOX, ""),
                   "3D/Objects/b.model": model_xml(object_xml(1, mesh_xml(box(1, 1, 99, at=(50, 0, 0)))), "")}),
        {"solids": 2, "size_mm": [51.0, 30.0, 99.0]},
    ),
    "another name for the first part": (package(model_xml(A_BOX), path="3D/other.model"), BOX),
    "a title": (
        simple(box(), metadata='<metadata name="Title">Key ring &amp; hook</metadata><metadata name="Application">'
               "PrusaSlicer-2.7.1</metadata>"), {"title": "Key ring & hook", "program": "PrusaSlicer-2.7.1"},
    ),
    "its designer is not shown": (simple(box(), metadata='<metadata name="Designer">Salma</metadata>'), BOX),
    "a hole": (simple(opened(box())), UNKNOWN),
}  # fmt: skip
MODEL_3MF["a name in capitals"] = (
    package(model_xml(A_BOX), path=START).replace(b"3D/3dmodel.model", b"3D/3DMODEL.model"),
    BOX,
)


@pytest.mark.parametrize("label", MODEL_3MF)
def test_a_model_in_3mf(label, tmp_path):
    data, expected = MODEL_3MF[label]
    found = understood(tmp_path, data, "print in place.stl")
    assert (found.get("kind"), found.get("extension")) == ("model_3mf", "3mf"), found
    assert told(found, expected) == expected
    assert "Salma" not in str(found)
    assert len(MODEL_3MF) >= 20 and RELS


@pytest.mark.skipif(importlib.util.find_spec("lib3mf") is None, reason="lib3mf has no wheel for this machine")
@pytest.mark.parametrize("unit", ["MicroMeter", "MilliMeter", "CentiMeter", "Inch"])
@pytest.mark.parametrize(
    "placed", [[UPRIGHT], [TWICE], [TURNED], [MIRRORED], [UPRIGHT, TURNED], [TWICE, MIRRORED]]
)
def test_a_model_that_the_standards_own_library_wrote(unit, placed, tmp_path):
    """lib3mf writes it; the size and the volume follow from its transforms."""
    found = understood(tmp_path, by_lib3mf(*((box(4, 3, 2), numbers) for numbers in placed), unit=unit))[
        "facts"
    ]
    scale = {"MicroMeter": 0.001, "MilliMeter": 1, "CentiMeter": 10, "Inch": 25.4}[unit]
    corners = [
        (box(4, 3, 2).vertices @ np.array(numbers[:9]).reshape(3, 3) + np.array(numbers[9:])) * scale
        for numbers in placed
    ]
    size = np.ptp(np.vstack(corners), axis=0)
    volume = (
        sum(24 * abs(np.linalg.det(np.array(numbers[:9]).reshape(3, 3))) for numbers in placed) * scale**3
    )
    assert found["size_mm"] == [round(float(side), 2) for side in size]
    assert found["volume_cm3"] == pytest.approx(volume / 1000, abs=0.001)


@pytest.mark.parametrize("seed", range(20))
def test_shapes_of_chance_have_the_volume_that_trimesh_tells(seed, tmp_path):
    chance = np.random.default_rng(seed)
    mesh = trimesh.creation.icosphere(subdivisions=2, radius=20)
    mesh.vertices *= 1 + 0.3 * chance.random((len(mesh.vertices), 1))
    found = understood(tmp_path, binary(mesh))["facts"]
    again = trimesh.load(tmp_path / "upload", file_type="stl")
    assert again.is_volume and found["certainty"] == "exact"
    assert found["volume_cm3"] == pytest.approx(again.volume / 1000, rel=0.001)
    assert found["size_mm"] == pytest.approx(list(again.extents), abs=0.01)


def test_the_weight_is_that_of_walls_and_of_a_share_of_what_is_inside(tmp_path):
    found = understood(tmp_path, binary(box()))["facts"]
    walls = 2 * (42 * 30 + 42 * 12 + 30 * 12) * 1.2
    assert found["grams"] == pytest.approx((walls + (15120 - walls) * 0.15) / 1000 * 1.24, abs=0.05)
    thin = understood(tmp_path, binary(box(40, 40, 1)))["facts"]
    assert thin["grams"] == pytest.approx(1.6 * 1.24, abs=0.05), "a thin plate is solid"


def test_a_model_is_drawn_in_layers_from_where_it_shows_most(tmp_path):
    ring = understood(tmp_path, binary(box(48, 32, 2)))["facts"]["drawing"]
    assert (ring["columns"], ring["rows"]) == (48, 32)
    assert ring["layers"] == [[row, 0, 47] for row in range(32)]
    ball = understood(tmp_path, binary(BALL))["facts"]["drawing"]
    widths = [last - first for _row, first, last in ball["layers"]]
    assert widths[0] < widths[len(widths) // 2] > widths[-1]


@pytest.mark.parametrize("count", [1, 2, 20, 200])
def test_a_drawing_stays_small(count, tmp_path):
    pieces = together(
        *(box(1, 1, 1, at=(3 * (number % 15), 3 * (number // 15), 0)) for number in range(count))
    )
    found = understood(tmp_path, binary(pieces))["facts"]
    assert found["solids"] == count
    assert 0 < len(found["drawing"]["layers"]) <= 320


@pytest.mark.parametrize("broken", [math.nan, math.inf, 1e30])
def test_numbers_that_are_no_model_are_refused(broken, tmp_path):
    mesh = box()
    triangles = np.array(mesh.triangles, "<f4")
    triangles[3, 1, 2] = broken
    facets = np.zeros(12, dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    facets["corners"] = triangles
    data = bytes(80) + (12).to_bytes(4, "little") + facets.tobytes()
    assert understood(tmp_path, data)["fault"] == "damaged"
