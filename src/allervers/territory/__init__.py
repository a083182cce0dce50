"""Communes by vintage, EPT, public figures, contours: committed tables, where a département is a folder of data."""
