"""Why an amount, why a zero: the path of conditions through the graph, with values, thresholds, parameters, articles."""
