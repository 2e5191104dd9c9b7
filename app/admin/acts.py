"""What may be done to a selection of the list: each act of another module is one line here, read by the list's page.

A module registers an act when it is imported; the list posts to its endpoint the fields that `spec_of` reads back.
"""

import json
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app import access
from app.enums import Functionality

GROUPS = {"decide": _("Décider"), "write": _("Écrire"), "documents": _("Documents"), "export": _("Exporter")}


@dataclass(frozen=True)
class ListAct:
    """One entry of the menu of acts.

    Attributes:
        name: key of the registry, sent along as `act`.
        label: what the button says.
        endpoint: where the selection is posted (an address without parameters).
        right: the functionality that shows it; `write` whether it must be held in writing.
        group: one of `GROUPS`, then `order` within it.
    """

    name: str
    label: Any
    endpoint: str
    right: Functionality
    write: bool = True
    group: str = "decide"
    order: int = 100


ACTS = {}


def register(act):
    """Add an act to the menu; return it."""
    ACTS[act.name] = act
    return act


def offered(actor):
    """Return [(title, [acts])] of what an actor may start from a selection, in the order of the menu."""
    mine = sorted((act for act in ACTS.values() if access.can(actor, act.right, write=act.write)), key=lambda act: (act.order, act.name))
    grouped = ((title, [act for act in mine if act.group == name]) for name, title in GROUPS.items())
    return [(title, acts) for title, acts in grouped if acts]


def spec_of(form):
    """Return the selection that a posted form names, for `selections.selection`: it is checked there, not here.

    Args:
        form: a MultiDict: `whole` = "1" with `filter` (JSON) for all that the filter finds, else the `row`s ticked.
    """
    if form.get("whole") != "1":
        return {"ids": form.getlist("row")}
    try:
        return {"filter": json.loads(form.get("filter", ""))}
    except ValueError:
        return {"filter": None}


def fields_of(spec):
    """Return the (name, value) pairs of hidden fields that carry a selection to the next page."""
    if "ids" in spec:
        return [("row", public_id) for public_id in spec["ids"]]
    return [("whole", "1"), ("filter", json.dumps(spec["filter"], ensure_ascii=False))]
