"""The people of the demonstration: staff with each kind of rights, candidates at each moment of the journey."""

import io
from datetime import date, timedelta

from flask_security import hash_password
from sqlalchemy import select

from app import clock
from app.enums import Civility, Functionality, Outcome, PieceStatus, ScopeKind
from app.extensions import db
from app.models import (
    Address,
    Baccalaureat,
    Formation,
    Grant,
    Offering,
    ProfileRight,
    RightsProfile,
    StaffMember,
    User,
)
from app.operations import accounts, answers, candidatures, decisions, passwords, pieces
from app.operations.demonstration.settings import model

STAFF_SECRET, CANDIDATE_SECRET = "lampe-riviere-tambour-42", "nuage-velo-grenade"  # noqa: S105 -- demonstration only, printed
# name, first name, last name, rights profile, description
STAFF = (
    ("gestion", "Inès", "Moreau", "GESTIONNAIRE", "gestionnaire de tous les centres"),
    ("membre", "Paul", "Girard", "MEMBRE", "membre de commission, lecture seule"),
    ("configuration", "Nadia", "Roche", "CONFIGURATION", "éditrice de la configuration"),
    ("administration", "Hugo", "Lambert", "ADMINISTRATION", "administrateur"),
)
# name, first name, last name, description
CANDIDATES = (
    ("camille.martin", "Camille", "Martin", "profil complet, aucune candidature"),
    ("jules.bernard", "Jules", "Bernard", "dossier à compléter et à transmettre"),
    ("lea.petit", "Léa", "Petit", "dossier incomplet, corrections demandées"),
    ("noah.robert", "Noah", "Robert", "avis favorable, à confirmer"),
    ("emma.durand", "Emma", "Durand", "liste complémentaire"),
    ("chloe.faure", "Chloé", "Faure", "présélection, convoquée à un entretien"),
    ("tom.mercier", "Tom", "Mercier", "avis défavorable"),
    ("sarah.blanc", "Sarah", "Blanc", "dossier transmis, en cours d’examen"),
)
STAFF_HOST, CANDIDATE_HOST = "postulo.example", "exemple.postulo.example"
F = Functionality
READING = (F.CANDIDATURES, F.CANDIDATES, F.DECISION_HISTORY)
MANAGING = (
    *READING,
    F.ACT_FOR_CANDIDATE,
    F.REVIEW_PIECES,
    F.FILE_STATUS,
    F.SET_TRACK,
    F.VALIDATE_TRACK,
    F.PROPOSE_DECISION,
    F.VALIDATE_DECISION,
    F.PUBLISH_DECISION,
    F.DEADLINES,
    F.ENROLMENTS,
    F.MESSAGES,
)
CONFIGURING = (
    F.CANDIDATURES,
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
# code, name, functionalities, whether in write (domain B1.2)
PROFILES = (
    ("GESTIONNAIRE", "Gestionnaire de centre", MANAGING, True),
    ("MEMBRE", "Membre de commission", READING, False),
    ("CONFIGURATION", "Éditeur de configuration", CONFIGURING, True),
    ("ADMINISTRATION", "Administrateur", tuple(Functionality), True),
)
ANSWERS = {"projet": "Travailler dans la recherche.", "langue": "Anglais", "mobilite": "oui"}


def people():
    """Return (e-mail, password, description) of everybody, staff first."""
    members = [(f"{name}@{STAFF_HOST}", STAFF_SECRET, words) for name, _first, _last, _profile, words in STAFF]
    return members + [(f"{name}@{CANDIDATE_HOST}", CANDIDATE_SECRET, words) for name, _first, _last, words in CANDIDATES]


def staff():
    """Create the rights profiles and one person for each."""
    profiles = {}
    for code, name, rights, is_write in PROFILES:
        profiles[code] = RightsProfile(code=code, name=name)
        profiles[code].rights = [ProfileRight(functionality=right, is_write=is_write) for right in rights]
    hashed = hash_password(passwords.normalised(STAFF_SECRET))
    for name, first, last, profile, _words in STAFF:
        member = StaffMember(last_name=last, first_name=first)
        member.grants = [Grant(profile=profiles[profile], scope=ScopeKind.ALL)]
        account = {"email": f"{name}@{STAFF_HOST}", "password": hashed, "fs_uniquifier": f"demo-{name}", "confirmed_at": clock.now()}
        db.session.add(User(staff_member=member, **account))
    db.session.add_all(profiles.values())
    db.session.flush()


def candidates(campaign, kinds, reasons):
    """Create the candidates and bring each to its place in the journey, through the operations that people use.

    Args:
        kinds: {outcome: decision type}; reasons: {code: decision reason}.
    """
    hashed = hash_password(passwords.normalised(CANDIDATE_SECRET))
    manager = db.session.scalar(select(User).where(User.email == f"gestion@{STAFF_HOST}"))
    offerings = _open_offerings(campaign)
    for number, (name, first, last, _words) in enumerate(CANDIDATES):
        user = accounts.create_candidate(
            last_name=last,
            first_name=first,
            email=f"{name}@{CANDIDATE_HOST}",
            language="fr",
            hashed=hashed,
            confirmed_at=clock.now(),
        )
        fill_profile(user.candidate, number)
        if name == "camille.martin":
            continue
        candidature = candidatures.create(user.candidate, offerings[number * 3 % len(offerings)], actor=user)
        if name != "jules.bernard":
            _complete(candidature, user)
            candidatures.transmit(candidature, actor=user)
        _examine(name, candidature, manager, kinds, reasons)


def _open_offerings(campaign):
    own_dates = (Offering.opens_at.is_(None), Offering.closes_at.is_(None), Offering.is_published)
    chosen = select(Offering).join(Formation).where(Offering.campaign_id == campaign.id, *own_dates)
    return db.session.scalars(chosen.order_by(Formation.search_text)).all()


def _examine(name, candidature, manager, kinds, reasons):
    interview_at = clock.opening_of(clock.local_day(clock.now()) + timedelta(days=14)) + timedelta(hours=14)
    decided = {
        "noah.robert": (Outcome.ADMITTED, {"comment": "Bon dossier."}),
        "emma.durand": (Outcome.WAITLISTED, {"comment": "Bon dossier.", "rank": 4}),
        "chloe.faure": (Outcome.SHORTLISTED, {"interview_at": interview_at, "interview_place": "Amphithéâtre 2, avenue Carnot"}),
        "tom.mercier": (Outcome.REFUSED, {"reason": reasons["PREREQUIS"]}),
    }
    if name == "lea.petit":
        _send_back(candidature, manager)
    if name in decided:
        outcome, details = decided[name]
        decisions.propose(candidature, kinds[outcome], actor=manager, **details)
        decisions.validate(candidature, actor=manager)
        decisions.publish(candidature, actor=manager)


def _send_back(candidature, manager):
    piece = next(piece for piece in candidature.pieces if piece.status == PieceStatus.SUBMITTED)
    comment = "Le document est coupé en bas de page : numérisez-le en entier."
    pieces.review(piece, PieceStatus.REFUSED, actor=manager, comment=comment)
    candidatures.ask_corrections(candidature, actor=manager)


def fill_profile(candidate, number):
    """Give an invented candidate an identity, an address and a baccalauréat."""
    candidate.civility = Civility.MS if number % 2 == 0 else Civility.MR
    candidate.birth_on, candidate.birth_country_code = date(2004 + number % 3, 1 + number % 12, 1 + number % 28), "FR"
    candidate.birth_town, candidate.nationality_code = "Clermont-Ferrand", "FR"
    candidate.ine, candidate.phone = f"{100000000 + candidate.id:09d}ZA", "06 00 00 00 00"
    candidate.address = Address(line1=f"{number + 1} rue Blatin", postal_code="63000", commune_code="63113", country_code="FR")
    candidate.baccalaureat = Baccalaureat(series_code="GENERAL", year=2023, mention_code="AB", country_code="FR")
    db.session.flush()


def _complete(candidature, user):
    """Deposit the obligatory pieces and answer the blocking forms of a candidature."""
    for line in pieces.lines(candidature):
        if line.status != PieceStatus.MISSING:
            continue
        if line.required.piece_type.is_conditional:
            pieces.set_not_concerned(candidature, line.required, True, actor=user)
        else:
            pieces.deposit(candidature, line.required, io.BytesIO(model()), f"{line.required.piece_type.code.lower()}.pdf", actor=user)
        db.session.expire(candidature, ["pieces"])
    for line in answers.lines(candidature):
        if line.is_missing:
            answers.save(candidature, line.form, ANSWERS, actor=user, complete=True)
