"""The directory of organisations whose signature became public."""
