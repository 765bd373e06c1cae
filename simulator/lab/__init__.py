"""What a notebook shows: the console, plots, exercise checks."""
