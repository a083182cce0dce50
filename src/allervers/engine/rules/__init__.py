"""Rewrites applied when a node is made, by theme. Each keeps the value bit for bit (the sign of a zero apart)."""
