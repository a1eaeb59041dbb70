"""Mail waiting to be sent: a row written in the transaction of what caused it."""
