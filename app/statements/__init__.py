"""Statements, their revisions and texts."""
