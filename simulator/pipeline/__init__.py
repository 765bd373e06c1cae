"""The delivery pipeline, from commit to release: a real workflow file, read and run on the clock."""
