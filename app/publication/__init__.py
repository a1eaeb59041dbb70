"""What makes an approved signature public."""
