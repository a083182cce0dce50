"""Identity, kept apart from analysis: keys, NIR, encrypted vault, opposition list. Nothing else holds a name."""
