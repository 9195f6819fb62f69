"""How things come in: one file a channel. A channel translates; it decides nothing."""
