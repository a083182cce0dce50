"""Files that partners deposit, and runs of detection, as jobs: imported, linked, found, published, destroyed."""
