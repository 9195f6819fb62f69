"""Days at the office, walked in a browser: one story for each role, over one house that runs."""
