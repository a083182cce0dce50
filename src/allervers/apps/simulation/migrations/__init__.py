"""Migrations of the tables of kept simulations."""
