"""The catalogue of rights, for everyone: pages over `allervers.rights`, without account."""
