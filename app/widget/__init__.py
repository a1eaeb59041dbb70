"""The living list on other sites: an element and a frame."""
