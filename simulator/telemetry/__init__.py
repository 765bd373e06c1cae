"""What can be seen: the scraper, the series store, golden signals, logs."""
