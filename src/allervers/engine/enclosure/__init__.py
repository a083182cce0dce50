"""Enclosures: a program turned into the program of its bounds, run by the same machine over the same households."""
