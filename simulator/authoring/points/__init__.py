"""The twelve points of a scenario's proof, each a function from its plays to a finding."""
