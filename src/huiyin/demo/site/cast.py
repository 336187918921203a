"""Who and what the builders of the city share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from huiyin.audit.acts import Actor
from huiyin.demo.city import City
from huiyin.demo.places import people
from huiyin.organisation.models import Unit
from huiyin.territory.models import Region

#: Who makes the city, as the audit names him.
MAKER = Actor(None, "demo", is_system=True)
#: Of this share of the posts nobody holds one yet, so that readiness has something to show.
VACANT = 0.06


@dataclass
class Cast:
    """The city and what has been made of it.

    Attributes:
        city: geography and population.
        now: the moment at which the city is made.
        regions: by code.
        units: by the code of their region and their short name.
        names: people of whom no two have the same name.
    """

    city: City
    now: datetime
    regions: dict[str, Region] = field(default_factory=dict)
    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    names: Iterator[str] = field(default_factory=people)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def since(self) -> date:
        """When the present officials came into their posts."""
        return self.today.replace(month=1, day=1) - timedelta(days=300)
