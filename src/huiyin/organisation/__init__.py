"""Who: units, posts, people, working groups, roles and what they permit."""
