"""A data key and an index key for each statement, wrapped by the root key."""
