"""Who decides about signatures, and the record of what was decided."""
