"""Every change to units, posts, groups and their records: one function per act."""
