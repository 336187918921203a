"""Where: regions with official codes, their history, populations and maps."""
