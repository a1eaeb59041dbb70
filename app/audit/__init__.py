"""What the staff did: an append-only, hash-chained record."""
