"""Why an amount, why a zero: the conditions met and failed, with values, thresholds, parameters and articles."""
