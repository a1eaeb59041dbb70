"""Moderators and administrators."""
