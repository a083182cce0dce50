"""Persons and their three groups as columns: the interchange contract, its validity, and the synthetic département."""
