"""OpenFisca's YAML test cases run through a calculator of ours and through OpenFisca itself, value by value."""
