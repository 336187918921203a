"""Acts on units, posts and groups; those on accounts stand in ``account_acts``."""
