"""The list for programs: JSON, JSON Feed, Atom, CSV, and the canonical text."""
