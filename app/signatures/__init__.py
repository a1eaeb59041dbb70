"""Signatures: signing, confirming, and the living list."""
