"""Pages of the simulator: the steps, the results, what is kept."""
