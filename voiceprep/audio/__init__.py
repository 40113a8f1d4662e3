"""Sound: decode it, judge it, bring it to the telephone. No network, no database."""
