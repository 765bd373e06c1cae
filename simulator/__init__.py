"""Go on call in a simulated production system."""
