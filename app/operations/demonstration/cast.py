"""The people of the demonstration: staff with each kind of rights, candidates at each moment of the journey."""

import io
from datetime import date, timedelta

from flask_security import hash_password
from sqlalchemy import select

from app import clock
from app.enums import Civility, Outcome, PieceStatus, ScopeKind
from app.extensions import db
from app.models import (
    Address,
    Baccalaureat,
    Campaign,
    Formation,
    Grant,
    Offering,
    RightsProfile,
    StaffMember,
    User,
)
from app.operations import accounts, answers, candidatures, decisions, passwords, pieces
from app.operations.demonstration.settings import model

STAFF_SECRET, CANDIDATE_SECRET = "lampe-riviere-tambour-42", "nuage-velo-grenade"  # noqa: S105 -- demonstration only, printed
# name, first name, last name, rights profile, description; the first four act everywhere, the others on one place
STAFF = (
    ("gestion", "Inès", "Moreau", "GESTIONNAIRE", "gestionnaire de tous les centres"),
    ("membre", "Paul", "Girard", "MEMBRE", "membre de commission, lecture seule"),
    ("configuration", "Nadia", "Roche", "CONFIGURATION", "éditrice de la configuration"),
    ("administration", "Hugo", "Lambert", "ADMINISTRATION", "administrateur"),
)
LOCAL_STAFF = (
    ("centre", "Marc", "Fontaine", "GESTIONNAIRE", "gestionnaire d’un seul centre"),
    ("commission", "Sophie", "Garnier", "MEMBRE", "présidente d’une seule commission"),
    ("jury", "Anna", "Keller", "JURY", "membre de jury extérieure, dossiers transmis d’une commission"),
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
LISTED = ("louise.chevalier", "offre sur une formation pleine : son désistement appelle la personne suivante")
MEN = frozenset({"Jules", "Noah", "Tom", "Victor", "Adam"})
STAFF_HOST, CANDIDATE_HOST = "postulo.example", "exemple.postulo.example"
ANSWERS = {"projet": "Travailler dans la recherche.", "langue": "Anglais", "mobilite": "oui"}


def people():
    """Return (e-mail, password, description) of everybody, staff first."""
    members = [(f"{name}@{STAFF_HOST}", STAFF_SECRET, words) for name, _first, _last, _profile, words in (*STAFF, *LOCAL_STAFF)]
    candidates = [(name, words) for name, _first, _last, words in CANDIDATES] + [LISTED]
    return members + [(f"{name}@{CANDIDATE_HOST}", CANDIDATE_SECRET, words) for name, words in candidates]


def staff():
    """Create one person for each shipped profile, then some whose grant is limited to a centre or a commission."""
    hashed = hash_password(passwords.normalised(STAFF_SECRET))
    for person in STAFF:
        _member(person, hashed).grants = [Grant(profile=_profile(person), scope=ScopeKind.ALL)]
    commission = _busiest()
    in_commission = {"scope": ScopeKind.COMMISSION, "commission": commission}
    manager, president, juror = (_member(person, hashed) for person in LOCAL_STAFF)
    manager.grants = [Grant(profile=_profile(LOCAL_STAFF[0]), scope=ScopeKind.CENTRE, centre=commission.centre)]
    president.grants = [Grant(profile=_profile(LOCAL_STAFF[1]), is_president=True, **in_commission)]
    juror.grants = [Grant(profile=_profile(LOCAL_STAFF[2]), **in_commission)]
    juror.is_external, juror.active_until = True, clock.local_day(clock.now()) + timedelta(days=200)
    db.session.flush()


def _member(person, hashed):
    name, first, last, _code, _words = person
    member = StaffMember(last_name=last, first_name=first)
    account = {"email": f"{name}@{STAFF_HOST}", "password": hashed, "fs_uniquifier": f"demo-{name}", "confirmed_at": clock.now()}
    db.session.add(User(staff_member=member, **account))
    return member


def _profile(person):
    return db.session.scalar(select(RightsProfile).where(RightsProfile.code == person[3]))


def _busiest():
    """Return the commission of the offering to which the invented candidates apply first."""
    return open_offerings(db.session.scalar(select(Campaign).where(Campaign.is_running)))[0].commission


def candidates(campaign, kinds, reasons):
    """Create the candidates and bring each to its place in the journey, through the operations that people use.

    Args:
        kinds: {outcome: decision type}; reasons: {code: decision reason}.
    """
    hashed = hash_password(passwords.normalised(CANDIDATE_SECRET))
    manager = db.session.scalar(select(User).where(User.email == f"gestion@{STAFF_HOST}"))
    offerings = open_offerings(campaign)
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
            complete(candidature, user)
            candidatures.transmit(candidature, actor=user)
        _examine(name, candidature, manager, kinds, reasons)


def open_offerings(campaign):
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
    pieces.review([piece], PieceStatus.REFUSED, actor=manager, comment=comment)
    candidatures.ask_corrections(candidature, actor=manager)


def fill_profile(candidate, number):
    """Give an invented candidate an identity, an address and a baccalauréat."""
    candidate.civility = Civility.MR if candidate.first_name in MEN else Civility.MS
    candidate.birth_on, candidate.birth_country_code = date(2004 + number % 3, 1 + number % 12, 1 + number % 28), "FR"
    candidate.birth_town, candidate.nationality_code = "Clermont-Ferrand", "FR"
    candidate.ine, candidate.phone = f"{100000000 + candidate.id:09d}ZA", "06 00 00 00 00"
    candidate.address = Address(line1=f"{number + 1} rue Blatin", postal_code="63000", commune_code="63113", country_code="FR")
    candidate.baccalaureat = Baccalaureat(series_code="GENERAL", year=2023, mention_code="AB", country_code="FR")
    db.session.flush()


def complete(candidature, user):
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
