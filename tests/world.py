"""The cast: Alice and Bob apply; Charlie manages Sciences, Dora manages Letters, Eve configures everything."""

import functools
import io
from datetime import date, timedelta

import pikepdf
from flask_security import hash_password

from app import clock
from app.enums import Civility, FieldKind, Functionality, Outcome, ReasonKind, ScopeKind
from app.extensions import db
from app.models import (
    Address,
    Baccalaureat,
    Campaign,
    Centre,
    Commission,
    DecisionReason,
    DecisionType,
    DiplomaType,
    Form,
    Formation,
    FormField,
    FormVersion,
    Grant,
    Offering,
    PieceType,
    ProfileRight,
    RequiredForm,
    RequiredPiece,
    RightsProfile,
    StaffMember,
    User,
)
from app.operations import accounts, answers, candidatures, checks, offer, pieces

SECRET = "falaise-mandarine-orage-7"


@functools.cache
def hashed_secret():
    """Return the real hash of the cast's password, worked out once: it is slow on purpose."""
    return hash_password(SECRET)


@functools.cache
def pdf(text="Bonjour"):
    """Return a small real PDF."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    page.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(F1=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))
    )
    page.Contents = document.make_stream(f"BT /F1 24 Tf 60 700 Td ({text}) Tj ET".encode())
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def both(text):
    return {"fr": text, "en": f"{text} (en)"}


def pack(value):
    """Return a row as its class and key; anything else as it is."""
    if isinstance(value, dict):
        return {key: pack(row) for key, row in value.items()}
    return (type(value), value.id) if isinstance(value, db.Model) else value


def unpack(value):
    """Return what was packed, rows read from the database of now."""
    if isinstance(value, dict):
        return {key: unpack(row) for key, row in value.items()}
    return db.session.get(*value) if isinstance(value, tuple) else value


class World:
    """Holds everybody and everything by name."""

    @classmethod
    def build(cls):
        world = cls()
        now = clock.now()
        world.campaign = Campaign(code="2027", name=both("Campagne 2027"), starts_at=now - timedelta(days=10), ends_at=now + timedelta(days=200), is_running=True)
        world.licence = DiplomaType(code="licence", name=both("Licence"))
        world.kinds = {outcome: DecisionType(code=outcome.value, name=both(outcome.value), outcome=outcome) for outcome in Outcome}
        world.refusal = DecisionReason(code="NIVEAU", kind=ReasonKind.REFUSAL, name=both("Niveau insuffisant"))
        world.elsewhere = DecisionReason(code="AILLEURS", kind=ReasonKind.WITHDRAWAL, name=both("Inscrit ailleurs"))
        db.session.add_all([world.campaign, world.licence, *world.kinds.values(), world.refusal, world.elsewhere])
        world.sciences, world.maths = world.offering("Sciences", "Licence Mathématiques", now)
        world.letters, world.history = world.offering("Lettres", "Licence Histoire", now)
        world.ask_pieces()
        world.hashed = hashed_secret()
        world.alice, world.bob = world.candidate("alice", "Alice", "Alpha"), world.candidate("bob", "Bob", "Beta")
        everything = tuple(Functionality)
        world.charlie = world.staff("charlie", everything, centre=world.sciences)
        world.dora = world.staff("dora", everything, centre=world.letters)
        world.eve = world.staff("eve", everything)
        world.frank = world.staff("frank", (Functionality.CANDIDATURES,), centre=world.sciences, is_write=False)
        db.session.commit()
        return world

    def packed(self):
        """Return what finds everybody again in a copy of this database."""
        return {name: pack(value) for name, value in vars(self).items()}

    @classmethod
    def unpacked(cls, cast):
        """Return the world of a copy of its database."""
        world = cls()
        vars(world).update({name: unpack(value) for name, value in cast.items()})
        return world

    def offering(self, centre_name, formation_name, now):
        day = clock.local_day(now)
        centre = Centre(
            code=centre_name.lower(), name=centre_name, opens_at=now - timedelta(days=5), closes_at=clock.closing_of(day + timedelta(days=30)),
            return_by=clock.closing_of(day + timedelta(days=40)), confirm_days=7, contact_email=f"{centre_name.lower()}@postulo.example",
        )
        commission = Commission(code=f"{centre_name.lower()}-com", name=f"Commission {centre_name}", centre=centre, alert_email="jury@postulo.example")
        formation = Formation(code=formation_name.split()[-1].lower()[:8], name=formation_name, commission=commission, diploma_type=self.licence, town="Clermont-Ferrand")
        formation.search_text = offer.search_text(formation)
        offering = Offering(formation=formation, campaign=self.campaign, commission=commission, capacity=20, admitted_type=self.kinds[Outcome.ADMITTED])
        db.session.add(offering)
        db.session.flush()
        return centre, offering

    def ask_pieces(self):
        self.cv = self.piece("CV", is_shared=True)
        self.letter = self.piece("LETTRE", is_shared=False)
        self.language = self.piece("FRANCAIS", is_shared=True, is_conditional=True)
        self.form = Form(code="PROJET", name=both("Projet"))
        version = FormVersion(form=self.form, number=1)
        version.fields = [
            FormField(key="why", kind=FieldKind.LONG_TEXT, label=both("Pourquoi ?"), position=1),
            FormField(key="mark", kind=FieldKind.NUMBER, label=both("Moyenne"), is_required=False, minimum=0, maximum=20, position=2),
            FormField(key="when", kind=FieldKind.DATE, label=both("Quand ?"), is_required=False, position=3),
            FormField(key="home", kind=FieldKind.CHOICE, label=both("Logement"), is_required=False, choices={"yes": both("Oui"), "no": both("Non")}, position=4),
            FormField(key="sure", kind=FieldKind.YES_NO, label=both("Sûr ?"), is_required=False, position=5),
        ]
        db.session.add_all([version, RequiredForm(campaign=self.campaign, form=self.form)])
        db.session.flush()

    def piece(self, code, **kwargs):
        kind = PieceType(code=code, name=both(code), purpose=both("Pour la commission."), **kwargs)
        required = RequiredPiece(campaign=self.campaign, piece_type=kind, position=len(code))
        db.session.add(required)
        db.session.flush()
        return required

    def candidate(self, name, first, last, *, complete=True):
        user = accounts.create_candidate(
            last_name=last, first_name=first, email=f"{name}@exemple.fr", language="fr", hashed=self.hashed, confirmed_at=clock.now()
        )
        if complete:
            person = user.candidate
            person.civility, person.birth_on, person.birth_country_code, person.nationality_code = Civility.MS, date(2004, 5, 6), "BE", "BE"
            person.birth_town = "Liège"
            person.address = Address(line1="1 rue Haute", town="Liège", country_code="BE")
            person.baccalaureat = Baccalaureat(series_code="FOREIGN", year=2022)
        db.session.flush()
        return user

    def staff(self, name, rights, *, centre=None, is_write=True):
        profile = RightsProfile(code=name.upper(), name=name)
        profile.rights = [ProfileRight(functionality=right, is_write=is_write) for right in rights]
        member = StaffMember(last_name=name.capitalize(), first_name="Staff")
        member.grants = [Grant(profile=profile, scope=ScopeKind.CENTRE if centre else ScopeKind.ALL, centre=centre)]
        user = User(email=f"{name}@postulo.example", password=self.hashed, fs_uniquifier=name, confirmed_at=clock.now(), staff_member=member)
        db.session.add(user)
        db.session.flush()
        return user

    # --- short cuts through the real operations ---

    def apply(self, user, offering):
        candidature = candidatures.create(user.candidate, offering, actor=user)
        db.session.commit()
        return candidature

    def complete(self, candidature, user):
        for line in pieces.lines(candidature):
            if line.required.piece_type.is_conditional:
                pieces.set_not_concerned(candidature, line.required, True, actor=user)
            elif line.version is None:
                pieces.deposit(candidature, line.required, io.BytesIO(pdf()), "a.pdf", actor=user)
        answers.save(candidature, self.form, {"why": "Parce que."}, actor=user, complete=True)
        db.session.commit()

    def transmitted(self, user, offering):
        candidature = self.apply(user, offering)
        self.complete(candidature, user)
        candidatures.transmit(candidature, actor=user)
        db.session.commit()
        return candidature

    def hand_in(self):
        """Return Alice's transmitted candidature in Sciences, its files checked by the real checker."""
        candidature = self.transmitted(self.alice, self.maths)
        for piece in candidature.pieces:
            if piece.file_version_id:
                checks.check_version(piece.file_version_id)
        db.session.commit()
        return candidature
