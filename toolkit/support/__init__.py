"""Helpers that do not depend on pages: files, text, limits, hashing."""
