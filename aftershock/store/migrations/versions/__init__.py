"""The steps, oldest first: r1, r2."""
