"""The catalogue of rights and the register of corrections to the law as coded: data files with their articles."""
