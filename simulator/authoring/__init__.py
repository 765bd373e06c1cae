"""For those who write scenarios: the proof, the lint, the preview, the export, the facilitator's page."""
