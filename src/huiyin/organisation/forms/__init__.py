"""The room's forms; each gives the values that an act of ``actions`` takes."""
