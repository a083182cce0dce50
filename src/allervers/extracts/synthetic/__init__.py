"""Partners' files of the synthetic département, in the layouts that `formats` reads. Fictitious persons only."""
