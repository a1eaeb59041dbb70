"""Undersigned: publish a joint statement, collect verified co-signatures, serve one living list."""
