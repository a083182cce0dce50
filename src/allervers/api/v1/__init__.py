"""The HTTP API for programs, version 1: the catalogue for everyone, the lists by tokens that a convention bounds."""
