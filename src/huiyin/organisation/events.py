"""What happens here that higher rooms answer to."""

from __future__ import annotations

from django.dispatch import Signal

#: A meeting decided something: sent with ``decision`` (models.Decision, its member units already
#: set) and ``actor``, inside the transaction that records it, so that what a listener makes of it
#: (an assignment in ``matters``) is committed together with it or not at all.
decision_recorded = Signal()

#: A decision was reported done: sent with ``decision`` and ``actor`` in the same way.
decision_closed = Signal()
