"""What happens to a list, told to the addresses that a secretariat has named (Standard Webhooks 1.0.0)."""
