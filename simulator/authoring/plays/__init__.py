"""The plays of a proof: which there are, how each is played, what is kept of it, and where."""
