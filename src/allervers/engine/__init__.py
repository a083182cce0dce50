"""The law as computation: variables, blocks of households, amounts. OpenFisca is known to `openfisca.py` alone."""
