"""The HTTP kit; knows no feature."""
