"""The public simulator: pages over `allervers.rights.interview`, without account. Nothing is kept unless asked."""
