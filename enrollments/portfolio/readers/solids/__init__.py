"""Models for the 3D printer: STL and 3MF.

Read by bounded code of ours: trimesh takes 1.5 GB for a 3MF of 20 MB, and lib3mf has no wheel for Linux on
ARM and no source distribution. Both are witnesses in the tests.
"""
