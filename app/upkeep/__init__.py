"""The retention schedule at work, and what it keeps now."""
