"""The question bank: a standard instrument of modules, and the indicators bound to it."""
