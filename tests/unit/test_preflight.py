"""The pre-flight: a sound campaign has no fault, each planted fault is named in both languages, and personas meet what the real rules ask."""

from datetime import date, timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import event

from app import audiences, clock, parameters, queries
from app.enums import AlertTarget, Functionality, LetterKind, NationalityGroup, Outcome, ReminderEvent, StudiesGroup, TextPlace
from app.errors import DomainError
from app.extensions import db
from app.models import (
    Campaign,
    Candidate,
    Criterion,
    DecisionReason,
    DecisionType,
    Form,
    Formation,
    FormField,
    LetterTemplate,
    MailTemplate,
    Offering,
    ProfileRight,
    PublicText,
    ReminderRule,
    RequiredForm,
    RequiredPiece,
    ScoringGrid,
)
from app.operations import batches, campaigns, preflight
from app.operations.preflight import holidays, played, scene
from tests.world import both

PLANTS = {}


def workday(days):
    day = clock.local_day(clock.now()) + timedelta(days=days)
    while holidays.is_closed(day):
        day += timedelta(days=1)
    return day


def closed_day(days):
    day = clock.local_day(clock.now()) + timedelta(days=days)
    while day.weekday() != 6:
        day += timedelta(days=1)
    return day


def make_sound(world):
    """Give the cast's campaign what a careful university would: signatories, its own texts, deadlines on working days."""
    for centre, offering in ((world.sciences, world.maths), (world.letters, world.history)):
        centre.closes_at, centre.return_by = clock.closing_of(workday(30)), clock.closing_of(workday(40))
        offering.commission.signatory_name = "Claire Duval"
    db.session.add_all(PublicText(place=TextPlace(name), body=both("Texte.")) for name in ("LEGAL", "PRIVACY", "ACCESSIBILITY", "CONTACT"))
    db.session.commit()


@pytest.fixture
def sound(world):
    make_sound(world)
    return world


def plant(code, named):
    """Keep a function that plants one fault: the code that must be found, and what its sentence must name in every language."""

    def kept(function):
        PLANTS.setdefault(code, (function, named))
        return function

    return kept


def told(world):
    """Return {code: [sentence]} of the faults, read in French and in English."""
    db.session.commit()
    db.session.expire_all()
    found = []
    for language in ("fr", "en"):
        with force_locale(language):
            codes = {}
            for fault in preflight.faults_of(world.campaign):
                codes.setdefault(fault.code, []).append(fault.sentence)
            found.append(codes)
    return found


def past_the_editors(row, **values):
    """Write what the checks at saving would refuse, as an import or an older version could have left it."""
    db.session.flush()
    db.session.execute(db.update(type(row)).where(type(row).id == row.id).values(**values))


# --- dates ---


@plant("campaign_dates", "20")
def _(world):
    world.campaign.candidates_end_at = world.campaign.ends_at + timedelta(days=1)


@plant("campaign_over", "2020")
def _(world):
    world.campaign.starts_at, world.campaign.ends_at = clock.opening_of(date(2019, 1, 1)), clock.closing_of(date(2020, 1, 1))


@plant("another_planned", "Suivante")
def _(world):
    db.session.add(_next(activates_at=clock.now() + timedelta(days=9)))


@plant("another_running", "Suivante")
def _(world):
    world.campaign.is_running = False
    db.session.flush()
    db.session.add(_next(is_running=True))


def _next(**more):
    now = clock.now()
    return Campaign(code="next", name=both("Suivante"), starts_at=now, ends_at=now + timedelta(days=300), **more)


@plant("offering_dates", "Licence Mathématiques")
def _(world):
    world.maths.publication_on, world.maths.confirm_by = workday(70), clock.closing_of(workday(60))


@plant("offering_undated", "Licence Histoire")
def _(world):
    world.letters.closes_at = None


@plant("offering_closed", "Licence Mathématiques")
def _(world):
    world.maths.closes_at = clock.now() - timedelta(days=1)


@plant("answer_days", "Sciences")
def _(world):
    world.sciences.confirm_days = 0


@plant("closed_day", "Licence Mathématiques")
def _(world):
    world.maths.return_by = clock.closing_of(closed_day(41))


@plant("night_deadline", "Licence Mathématiques")
def _(world):
    world.maths.return_by = clock.opening_of(workday(42)) + timedelta(hours=3)


# --- the offer ---


@plant("none_published", "")
def _(world):
    world.maths.is_published = world.history.is_published = False


@plant("formation_off", "Licence Histoire")
def _(world):
    world.history.formation.is_active = False


@plant("formation_unopened", "Licence Chimie")
def _(world):
    db.session.add(Formation(code="chimie", name="Licence Chimie", commission=world.maths.commission, diploma_type=world.licence))


@plant("commission_off", "Commission Lettres")
def _(world):
    world.history.commission.is_active = False


@plant("centre_off", "Lettres")
def _(world):
    world.letters.is_active = False


@plant("capacity_zero", "Licence Histoire")
def _(world):
    world.history.capacity = 0


@plant("capacity_missing", "Licence Histoire")
def _(world):
    world.history.capacity = None


@plant("admitted_type_missing", "Licence Histoire")
def _(world):
    world.history.admitted_type = None


@plant("admitted_type_off", "Licence Histoire")
def _(world):
    world.history.admitted_type = DecisionType(code="FAV2", name=both("Ancien"), outcome=Outcome.ADMITTED, is_active=False)


@plant("admitted_type_wrong", "Licence Histoire")
def _(world):
    world.history.admitted_type = world.kinds[Outcome.REFUSED]


@plant("waitlist_without_type", "Lettres")
def _(world):
    world.kinds[Outcome.WAITLISTED].is_active = False


@plant("grid_off", "Licence Histoire")
def _(world):
    world.history.scoring_grid = ScoringGrid(name="Notes", is_active=False, criteria=[Criterion(label=both("Projet"))])


@plant("grid_empty", "Notes")
def _(world):
    world.history.scoring_grid = ScoringGrid(name="Notes")


# --- what is asked ---


@plant("no_piece", "")
def _(world):
    db.session.execute(db.update(RequiredPiece).values(is_active=False))


@plant("piece_twice", "CV")
def _(world):
    db.session.add(RequiredPiece(campaign=world.campaign, piece_type=world.cv.piece_type, centre=world.sciences))


@plant("form_twice", "Projet")
def _(world):
    db.session.add(RequiredForm(campaign=world.campaign, form=world.form, offering=world.maths))


@plant("piece_off", "CV")
def _(world):
    world.cv.piece_type.is_active = False


@plant("form_off", "Projet")
def _(world):
    world.form.is_active = False


@plant("piece_deadline_early", "CV")
def _(world):
    world.cv.deadline = world.campaign.starts_at - timedelta(days=3)


@plant("piece_deadline_late", "CV")
def _(world):
    world.cv.deadline = clock.closing_of(workday(60))


@plant("asked_of_none", "CV")
def _(world):
    world.history.is_published = False
    world.cv.offering = world.history


@plant("piece_model_missing", "CV")
def _(world):
    world.cv.piece_type.template_key, world.cv.piece_type.template_name = "0" * 64, "fiche.pdf"


@plant("audience_nobody", "CV")
def _(world):
    world.cv.nationality, world.cv.studies = NationalityGroup.FRENCH, StudiesGroup.EQUIVALENT


@plant("form_empty", "Projet")
def _(world):
    db.session.execute(db.delete(FormField))


@plant("form_question", "Logement")
def _(world):
    question(world, "home").choices = None


@plant("form_condition", "Pourquoi ?")
def _(world):
    question(world, "why").condition_key = "sure"


def question(world, key):
    return db.session.scalar(db.select(FormField).where(FormField.key == key))


@plant("form_address", "Enquête")
def _(world):
    db.session.add(RequiredForm(campaign=world.campaign, form=Form(code="ENQ", name=both("Enquête"), url="enquete.exemple.fr")))


# --- decisions, mails, letters, reminders ---


@plant("decision_missing", "Sciences")
def _(world):
    world.kinds[Outcome.REFUSED].is_active = False


@plant("decision_rare_missing", "Sciences")
def _(world):
    world.kinds[Outcome.SHORTLISTED].is_active = False


@plant("refusal_reason_missing", "Lettres")
def _(world):
    world.refusal.centre = world.sciences


@plant("withdrawal_reason_missing", "Lettres")
def _(world):
    world.elsewhere.is_active = False


@plant("decision_mail_off", "M1")
def _(world):
    world.kinds[Outcome.ADMITTED].mail_template = mail("M1", is_active=False)


@plant("decision_letter_off", "L1")
def _(world):
    world.kinds[Outcome.ADMITTED].letter_template = letter(is_active=False)


@plant("mail_unfillable", "decision_refused")
def _(world):
    db.session.add(row := mail("decision_refused"))
    past_the_editors(row, body=both("Bonjour {candidat.surnom}"))


@plant("letter_unfillable", "L1")
def _(world):
    db.session.add(row := letter())
    past_the_editors(row, body=both("<p>Bonjour {candidat.nom}"))


@plant("mail_wrong_names", "resume.lignes")
def _(world):
    db.session.add(mail("decision_admitted", body=both("Voici {resume.lignes}")))


@plant("reminder_mail_off", "R1")
def _(world):
    db.session.add(rule(mail_template=mail("M1", is_active=False)))


@plant("reminder_early", "R1")
def _(world):
    db.session.add(rule(days=90))


@plant("reminder_unreachable", "Lettres")
def _(world):
    world.history.is_published = False
    db.session.add(rule(centre=world.letters))


def rule(**more):
    return ReminderRule(**{"code": "R1", "event": ReminderEvent.NOT_TRANSMITTED, "days": 3} | more)


def mail(code, **more):
    return MailTemplate(**{"code": code, "subject": both("Objet"), "body": both("Texte")} | more)


def letter(**more):
    return LetterTemplate(**{"code": "L1", "kind": LetterKind.ADMISSION, "title": both("Admission"), "body": both("<p>Oui</p>")} | more)


# --- people and places ---


@plant("centre_contact", "Lettres")
def _(world):
    world.letters.contact_email, world.history.commission.contact_email = None, "jury@postulo.example"


@plant("commission_contact", "Commission Lettres")
def _(world):
    world.letters.contact_email = None


@plant("commission_alert", "Commission Lettres")
def _(world):
    world.history.commission.alert_target = AlertTarget.MEMBERS


@plant("commission_deciders", "Commission Lettres")
def _(world):
    take_away(Functionality.PROPOSE_DECISION, world.eve, world.dora)


@plant("decisions_unvalidated", "Commission Lettres")
def _(world):
    take_away(Functionality.VALIDATE_DECISION, world.eve, world.dora)


@plant("centre_release", "Lettres")
def _(world):
    take_away(Functionality.PUBLISH_DECISION, world.eve, world.dora)


def take_away(functionality, *users):
    profiles = [grant.profile_id for user in users for grant in user.staff_member.grants]
    db.session.execute(db.delete(ProfileRight).where(ProfileRight.profile_id.in_(profiles), ProfileRight.functionality == functionality))


@plant("signatory", "Commission Lettres")
def _(world):
    world.history.commission.signatory_name = None


@plant("letters_blocked", "")
def _(world):
    parameters.change("LETTERS_BLOCKED", True)


@plant("public_text_missing", "")
def _(world):
    db.session.delete(db.session.scalar(db.select(PublicText).where(PublicText.place == TextPlace.LEGAL)))


@plant("persona_two_centres", "Lettres")
def _(world):
    world.letters.max_candidatures = 0


@plant("persona_nowhere", "")
def _(world):
    world.maths.closes_at = world.history.closes_at = clock.now() - timedelta(days=1)


# --- English ---


@plant("english_offer", "Licence")
def _(world):
    world.licence.name = {"fr": "Licence"}


@plant("english_pieces", "CV")
def _(world):
    world.cv.piece_type.purpose = {"fr": "Pour savoir.", "en": " "}


@plant("english_forms", "Moyenne")
def _(world):
    question(world, "mark").label = {"fr": "Moyenne"}


@plant("english_decisions", "Ajourné")
def _(world):
    db.session.add(DecisionReason(code="AJ", kind=world.refusal.kind, name={"fr": "Ajourné"}))


@plant("english_mails", "decision_admitted")
def _(world):
    db.session.add(mail("decision_admitted", subject={"fr": "Admis"}))


@plant("english_letters", "L1")
def _(world):
    db.session.add(letter(body={"fr": "<p>Oui</p>"}))


@plant("english_public", "")
def _(world):
    db.session.scalar(db.select(PublicText).where(PublicText.place == TextPlace.LEGAL)).body = {"fr": "Nous."}


# a fault that cannot come alone: what comes with it
WITH = {
    "campaign_over": {"offering_dates", "persona_nowhere"},
    "none_published": {"formation_unopened"},
    "persona_nowhere": {"offering_closed"},
    "offering_undated": set(),
    "commission_contact": {"centre_contact"},
    "piece_deadline_early": set(),
}


def test_a_sound_campaign_has_no_fault(sound):
    assert told(sound) == [{}, {}]


@pytest.mark.parametrize("code", PLANTS)
def test_a_planted_fault_is_named_alone_in_both_languages(sound, code):
    function, named = PLANTS[code]
    function(sound)
    french, english = told(sound)
    assert set(french) - WITH.get(code, set()) == {code} and set(french) == set(english)
    if named:
        assert any(named in sentence for sentence in french[code]) and any(named in sentence for sentence in english[code])
    assert not set(french[code]) & set(english[code]), "written in both languages"


def test_nearly_every_check_has_its_planted_fault():
    assert len(PLANTS) >= 60
    # without any offering: below; a mail server is a setting of the machine
    assert set(preflight.CHECKS) - set(PLANTS) == {"no_offering", "mail_server"}


def test_a_campaign_without_offering_says_that_first(sound):
    empty = _next()
    db.session.add(empty)
    db.session.commit()
    with force_locale("fr"):
        first = preflight.faults_of(empty)[0]
    assert (first.code, first.level, first.subject) == ("no_offering", preflight.BLOCKS, Offering)


def test_queries_do_not_grow_with_the_offer(sound):
    def count():
        db.session.commit()
        db.session.expire_all()
        asked = []
        event.listen(db.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]), named=False)
        with force_locale("fr"):
            preflight.looked_at(db.session.get(Campaign, sound.campaign.id))
        return len(asked)

    before = count()
    for number in range(30):
        formation = Formation(code=f"f{number}", name=f"Licence {number}", commission=sound.maths.commission, diploma_type=sound.licence)
        db.session.add(Offering(formation=formation, campaign=sound.campaign, commission=formation.commission, capacity=5, admitted_type=sound.maths.admitted_type))
    assert count() <= before


def test_personas_are_asked_what_the_real_rules_ask(sound):
    db.session.add_all(
        RequiredPiece(campaign=sound.campaign, piece_type=sound.cv.piece_type, position=900 + number, **audience)
        for number, audience in enumerate(({"nationality": NationalityGroup.DISTANT}, {"studies": StudiesGroup.HIGHER}, {"situation": "MINOR"}, {"centre": sound.letters}))
    )
    db.session.commit()
    everything = scene.of(sound.campaign)
    for person in played.everybody():
        for offering in everything.offerings:
            real = queries.required_pieces(offering, track=offering.formation.initial_track, candidate=person)
            assert played.asked_of(person, offering, everything.pieces) == real
            assert played.asked_of(person, offering, everything.forms) == queries.required_forms(offering, candidate=person)
    assert audiences.reaches(RequiredPiece(situation="MINOR"), played.everybody()[1])


def test_playing_leaves_nothing_behind(sound):
    before = db.session.scalar(db.select(db.func.count()).select_from(Candidate))
    with force_locale("fr"):
        _faults, people = preflight.looked_at(sound.campaign)
    assert not db.session.new and not db.session.dirty
    db.session.commit()
    assert db.session.scalar(db.select(db.func.count()).select_from(Candidate)) == before
    assert len(people) >= 8 and all(len(each.offerings) == 2 and "CV" in each.pieces for each in people)


def test_what_stops_a_persona_is_said_of_those_who_meet_it(sound):
    sound.cv.nationality = NationalityGroup.DISTANT
    sound.cv.piece_type.template_name = "fiche.pdf"
    db.session.commit()
    with force_locale("fr"):
        _faults, people = preflight.looked_at(sound.campaign)
    stopped = {each.persona.code for each in people if each.stops}
    assert "foreign" in stopped and "bachelor" not in stopped


def test_a_blocked_campaign_neither_opens_nor_is_planned_and_warnings_are_to_be_read(sound):
    copy = campaigns.clone(sound.campaign, code="2028", name=both("2028"), days=0, actor=sound.eve)
    with pytest.raises(DomainError, match="avertissement"), force_locale("fr"):
        campaigns.open_now(copy, actor=sound.eve, has_read=False)
    sound.kinds[Outcome.REFUSED].is_active = False
    db.session.commit()
    for act in (lambda: campaigns.open_now(copy, actor=sound.eve), lambda: campaigns.plan(copy, clock.now() + timedelta(days=1), actor=sound.eve)):
        with pytest.raises(DomainError, match="bloquant"), force_locale("fr"):
            act()
    sound.kinds[Outcome.REFUSED].is_active = True
    db.session.commit()
    campaigns.open_now(copy, actor=sound.eve, has_read=True)
    assert copy.is_running


def test_a_planned_campaign_that_a_fault_blocks_stays_closed_and_the_run_says_so(sound, monkeypatch):
    copy = campaigns.clone(sound.campaign, code="2028", name=both("2028"), days=0, actor=sound.eve)
    at = clock.now() + timedelta(days=2)
    campaigns.plan(copy, at, actor=sound.eve)
    sound.kinds[Outcome.REFUSED].is_active = False
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(minutes=1))
    run = batches.run("activate", period="due")
    assert (run.done_count, copy.is_running, sound.campaign.is_running, copy.activates_at) == (0, False, True, at)
    assert "bloquant" in run.detail and "2028" in run.detail
    sound.kinds[Outcome.REFUSED].is_active = True
    db.session.commit()
    assert batches.run("activate", period="later").done_count == 1 and copy.is_running


def test_the_public_holidays_of_a_year():
    assert all(map(holidays.is_closed, (date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17), date(2027, 7, 14))))
    assert not holidays.is_closed(date(2027, 3, 30)) and holidays.easter(2027) == date(2027, 3, 28)
