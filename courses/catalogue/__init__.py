"""Catalogue: which courses answer the filters, how a course and a session are shown in a list, search, the
finder and the sitemap.
"""
