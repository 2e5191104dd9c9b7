"""The page of the pre-flight of a campaign: each fault beside the screen that mends it, and who meets what."""

from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import inspect

from app.admin import related
from app.extensions import db
from app.operations import preflight

SHOWN = 20  # faults of one screen, written one by one


@dataclass
class Group:
    """What is to be mended on one screen: `lines` are (fault, address or None), the first of them only."""

    title: object
    is_open: bool
    faults: list = field(default_factory=list)
    lines: list = field(default_factory=list)

    @property
    def left(self):
        return len(self.faults) - len(self.lines)


def grouped(view, faults, level=None):
    """Return the `Group`s of some faults, what blocks first; one query a screen.

    Args:
        level: name of the only level shown, or None.
    """
    groups = {}
    for fault in faults:
        if level in (None, fault.level):
            model = model_of(fault)
            groups.setdefault(model, Group(model.__managed__.plural if model else _("Ailleurs"), False)).faults.append(fault)
    for model, group in groups.items():
        screen = related.screen_of(view, model) if model else None
        shown = group.faults[:SHOWN]
        addresses = _addresses(screen, shown)
        group.is_open = screen is not None
        group.lines = [
            (fault, addresses.get(_number(fault), f"{screen.url}/" if screen and isinstance(fault.subject, type) else None))
            for fault in shown
        ]
    return sorted(groups.values(), key=lambda group: group.faults[0].level != preflight.BLOCKS)


def model_of(fault):
    """Return the model whose screen mends a fault, or None."""
    subject = fault.subject
    model = subject if isinstance(subject, type) or subject is None else type(subject)
    return model if hasattr(model, "__managed__") else None


def _number(fault):
    subject = fault.subject
    return None if subject is None or isinstance(subject, type) else inspect(subject).identity[0]


def _addresses(screen, faults):
    rows = {_number(fault): fault.subject for fault in faults} if screen is not None else {}
    rows.pop(None, None)
    if not rows:
        return {}
    key = getattr(screen.model, screen._primary_key)
    opened = db.session.scalars(db.select(key).where(key.in_(rows), screen.reach()))
    return {number: screen.address_of(rows[number]) for number in opened}
