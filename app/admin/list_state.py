"""What a request says of the list of candidatures: filters, order, columns and place; and the addresses that say it back."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for

from app.operations import asked_columns, columns, filters, preferences, saved_views, wording

OWN = ("vue", "apres", "avant")  # arguments of the address that are no part of the description
MOST_COLUMNS = 60


@dataclass(frozen=True)
class Chip:
    """One filter in force: what it says, and the address of the list without it."""

    words: str
    without: str


class State:
    """The list as one request asks for it, for one person."""

    def __init__(self, args, actor):
        self.args, self.actor = args, actor
        self.spec, self.found = filters.cleaned(filters.from_args(args), actor)
        view, self.after, self.before = (args.get(name, "").replace("\x00", "")[:32] for name in OWN)
        self.view = saved_views.find(view, actor) if view else None

    @property
    def keys(self):
        """The keys of the columns to show: those of the view that is open, else one's own, else the usual ones."""
        kept = self.view.settings.get("columns") if self.view else preferences.get(self.actor, "columns")
        return list(kept or columns.DEFAULT)[:MOST_COLUMNS]

    def columns(self):
        """Return the columns to show, in order; those that no longer exist or may not be seen are left out."""
        found = asked_columns.resolved(self.keys, self.actor)
        return [found[key] for key in self.keys if key in found]

    def pairs(self, **changes):
        """Return the (name, value) pairs of the address of the list, with parts of the description changed."""
        own = [("vue", self.view.public_id)] if self.view else []
        return own + filters.to_args({**self.spec, **changes})

    def url(self, endpoint="candidature.index_view", /, *, more=(), address=None, **changes):
        """Return the address of a page of the list, in the same state but for the changes.

        Args:
            more: further (name, value) pairs of the query.
            address: arguments of the endpoint's own path.
        """
        pairs = [*self.pairs(**changes), *more]
        return url_for(endpoint, **(address or {})) + (f"?{urlencode(pairs)}" if pairs else "")

    def tabs(self):
        """Return (words, address, whether it is the one shown) of each quick tab."""
        return [
            (words, self.url(more=() if name else [("tab", "")], tab=name), name == self.spec["tab"])
            for name, (words, _made) in filters.TABS.items()
        ]

    def sort_url(self, key):
        """Return the address that sorts by a column, the other way round when it already does."""
        return self.url(sort=f"-{key}" if self.spec["sort"] == key else key)

    def chips(self):
        """Return the filters in force, each removable."""
        from_search = [Chip(f"« {self.spec['search']} »", self.url(search=""))] if self.spec["search"] else []
        return from_search + [self._chip(key, clause) for key, clause in self.spec["where"].items()]

    def _chip(self, key, clause):
        rest = {name: other for name, other in self.spec["where"].items() if name != key}
        return Chip(f"{self.found[key].label} : {wording.clause_text(self.found[key], clause, self.actor)}", self.url(where=rest))
