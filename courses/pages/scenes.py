"""Our drawings for courses, by the code of their track."""

SCENES = {"CODE": "scene-coding.svg", "ROBOT": "scene-robotics.svg", "PRINT": "scene-printing.svg"}
ANY = "scene-workshop.svg"  # for a track without one
