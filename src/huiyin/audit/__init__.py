"""What happened: append-only, hash-chained events, and the acts they record."""
