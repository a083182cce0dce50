"""The lists to act on: what detection found, published for the teams, and what becomes of each line."""
