"""Partners' files into canonical records, pseudonymised and linked, then into a population. One file per format."""
