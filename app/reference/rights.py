"""The rights profiles that every installation starts with, in the words of the functionalities (domain B1.2, B1.3)."""

from sqlalchemy import select

from app.enums import FileStatus, Functionality
from app.models import ProfileRight, RightsProfile

F = Functionality
TECHNICAL = frozenset({F.OPERATIONS})
OF_THE_UNIVERSITY = frozenset({F.CAMPAIGNS, F.REFERENCE, F.PARAMETERS, F.RIGHTS, *TECHNICAL})
CONFIGURING = (
    F.CAMPAIGNS,
    F.ORGANISATION,
    F.FORMATIONS,
    F.PIECES,
    F.FORMS,
    F.DECISION_SETTINGS,
    F.TEMPLATES,
    F.REFERENCE,
    F.PARAMETERS,
)
READING = {F.CANDIDATURES: False, F.CANDIDATES: False, F.DECISION_HISTORY: False, F.NOTES: False}
EXAMINED = [FileStatus.RECEIVED.value, FileStatus.INCOMPLETE.value, FileStatus.COMPLETE.value]


def _written(functionalities):
    return dict.fromkeys(functionalities, True)


# code, name, {functionality: whether in write}, statuses seen (None: all)
PROFILES = (
    ("GESTIONNAIRE", "Gestionnaire de centre", _written(right for right in F if right not in OF_THE_UNIVERSITY), None),
    ("MEMBRE", "Membre de commission", {**READING, F.OPINIONS: True}, None),
    ("JURY", "Membre de jury, dossiers transmis seulement", {F.CANDIDATURES: False, F.CANDIDATES: False, F.OPINIONS: True}, EXAMINED),
    ("CONFIGURATION", "Éditeur de configuration", {F.CANDIDATURES: False, **_written(CONFIGURING)}, None),
    ("SCOLARITE", "Scolarité centrale", _written(right for right in F if right not in TECHNICAL), None),
    ("ADMINISTRATION", "Administrateur", _written(F), None),
)


def load(session):
    """Add the profiles whose code is not there yet; one that an administrator changed stays as it is. The caller commits.

    Returns:
        How many were added.
    """
    known, added = set(session.scalars(select(RightsProfile.code))), 0
    for code, name, rights, statuses in PROFILES:
        if code in known:
            continue
        profile = RightsProfile(code=code, name=name, visible_statuses=statuses)
        profile.rights = [ProfileRight(functionality=right, is_write=is_write) for right, is_write in rights.items()]
        session.add(profile)
        added += 1
    session.flush()
    return added
