"""The policy in force: grade bands, thresholds, identities and vocabulary, as dated and cited data."""
