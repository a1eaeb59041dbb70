"""The read-only HTML pages."""
