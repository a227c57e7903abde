"""Pictures of the CMS: what pages show of them, made by the worker, and the cleaning of what was stored
before.
"""
