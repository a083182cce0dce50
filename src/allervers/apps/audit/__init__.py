"""Who did or saw what: an append-only register, chained by hashes. It imports no other application."""
