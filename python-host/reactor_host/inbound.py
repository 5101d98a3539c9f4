"""What comes to the model from its host, in the order it is handled."""

from __future__ import annotations

from dataclasses import dataclass

from .messages import Client, Command, Session


@dataclass(frozen=True)
class Welcomed:
    """A host, the same or another, knows of the model what its interface says and no more."""


@dataclass(frozen=True)
class Absent:
    """These clients have not been told of by a host that knows the session."""

    client_ids: frozenset[str]


Inbound = Session | Client | Command | Welcomed | Absent
