"""Maps of regions, where somebody attached one; tiles where not."""
