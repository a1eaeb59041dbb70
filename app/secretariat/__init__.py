"""What the coalition's secretariat does across features."""
