"""A synthetic département, declared as such everywhere: households fitted by commune to the public figures."""

from allervers.population.synthetic.fit_table import fit_table
from allervers.population.synthetic.make import SyntheticReport, make_population
from allervers.population.synthetic.recipients_table import recipients_table
from allervers.population.synthetic.take_up import draw_take_up

__all__ = ["SyntheticReport", "draw_take_up", "fit_table", "make_population", "recipients_table"]
