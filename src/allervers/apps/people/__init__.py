"""Persons and households: what the store holds of them, read under a convention and written in the register."""
