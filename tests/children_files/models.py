"""Models as drawing programs write them: STL by numpy-stl and trimesh, 3MF by lib3mf where it has a wheel,
and by hand what no library here writes.
"""

from io import BytesIO
from typing import Any

import numpy as np
import trimesh
from stl import Mesh, Mode

from tests.children_files import zipped

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Target="/{}" Id="r0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)
START = "3D/3dmodel.model"


def box(
    x: float = 42, y: float = 30, z: float = 12, at: tuple[float, float, float] = (0, 0, 0)
) -> trimesh.Trimesh:
    mesh = trimesh.creation.box((x, y, z))
    mesh.apply_translation(np.array(at) + np.array([x, y, z]) / 2)
    return mesh


def together(*meshes: trimesh.Trimesh) -> trimesh.Trimesh:
    return trimesh.util.concatenate(meshes)


def opened(mesh: trimesh.Trimesh, lost: int = 1) -> trimesh.Trimesh:
    """The mesh without its last facets."""
    return trimesh.Trimesh(mesh.vertices, mesh.faces[:-lost], process=False)


def binary(mesh: trimesh.Trimesh) -> bytes:
    return bytes(mesh.export(file_type="stl"))


def text(mesh: trimesh.Trimesh) -> bytes:
    return mesh.export(file_type="stl_ascii").encode()


def by_numpy_stl(mesh: trimesh.Trimesh, *, as_text: bool = False, name: str = "model") -> bytes:
    data = np.zeros(len(mesh.faces), dtype=Mesh.dtype)
    data["vectors"] = mesh.triangles
    out = BytesIO()
    Mesh(data).save(name, fh=out, mode=Mode.ASCII if as_text else Mode.BINARY)
    return out.getvalue()


def mesh_xml(mesh: trimesh.Trimesh) -> str:
    points = "".join(f'<vertex x="{x:g}" y="{y:g}" z="{z:g}"/>' for x, y, z in mesh.vertices)
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh.faces)
    return f"<mesh><vertices>{points}</vertices><triangles>{faces}</triangles></mesh>"


def object_xml(number: int, inside: str, **attributes: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<object id="{number}"{said}>{inside}</object>'


def model_xml(
    objects: str, build: str = '<item objectid="1"/>', *, unit: str = "", metadata: str = ""
) -> str:
    said = f' unit="{unit}"' if unit else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><model{said} xmlns="{CORE}" xmlns:p="{PRODUCTION}">{metadata}'
        f"<resources>{objects}</resources><build>{build}</build></model>"
    )


def package(start: str, *, path: str = START, **parts: Any) -> bytes:
    """A 3MF with its start part, and further parts by their path."""
    return zipped({"[Content_Types].xml": "<Types/>", "_rels/.rels": RELS.format(path), path: start} | parts)


def simple(mesh: trimesh.Trimesh, **more: str) -> bytes:
    return package(model_xml(object_xml(1, mesh_xml(mesh)), **more))


def by_lib3mf(*placed: tuple[trimesh.Trimesh, tuple[float, ...]], unit: str = "MilliMeter") -> bytes:
    """A 3MF with each mesh placed by a transform of twelve numbers, row by row."""
    import lib3mf  # it has no wheel for every machine

    model = lib3mf.get_wrapper().CreateModel()
    model.SetUnit(getattr(lib3mf.ModelUnit, unit))
    for mesh, numbers in placed:
        found = model.AddMeshObject()
        vertices = [lib3mf.Position((lib3mf.ctypes.c_float * 3)(*point)) for point in mesh.vertices]
        faces = [lib3mf.Triangle((lib3mf.ctypes.c_uint32 * 3)(*map(int, face))) for face in mesh.faces]
        found.SetGeometry(vertices, faces)
        rows = [(lib3mf.ctypes.c_float * 3)(*numbers[row : row + 3]) for row in range(0, 12, 3)]
        model.AddBuildItem(found, lib3mf.Transform((lib3mf.ctypes.c_float * 3 * 4)(*rows)))
    return bytes(model.QueryWriter("3mf").WriteToBuffer())
