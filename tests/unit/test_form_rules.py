"""Rules of forms: several choices, titles, conditions, drafts, and what becomes of answers when a version is published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import FieldKind, NationalityGroup, ResponseState
from app.errors import DomainError, Missing
from app.extensions import db
from app.models import FormAnswer, FormField, FormVersion
from app.operations import answers, candidatures, conditions, dossier_words, form_versions, snapshots, typed_answers
from tests.world import both

SPORTS = {"foot": both("Football"), "judo": both("Judo"), "ski": both("Ski")}


def question(key, kind=FieldKind.TEXT, position=1, **more):
    more = {"label": both(key), "is_required": True, **more}
    return FormField(key=key, kind=kind, position=position, **more)


@pytest.fixture
def form(world):
    """The world's form, asked anew: who plays which sports, and more of those who do."""
    world.form.versions[0].fields = [
        question("part", FieldKind.SECTION, 1),
        question("plays", FieldKind.YES_NO, 2),
        question("sports", FieldKind.MULTIPLE, 3, choices=SPORTS, condition_key="plays", condition_value="yes"),
        question("belt", FieldKind.TEXT, 4, condition_key="sports", condition_value="judo"),
        question("visa", FieldKind.TEXT, 5, nationality=NationalityGroup.DISTANT),
    ]
    db.session.commit()
    return world.form


@pytest.fixture
def mine(world, form):
    return world.apply(world.alice, world.maths)


def fill(world, candidature, complete=True, **values):
    errors = answers.save(candidature, world.form, values, actor=world.alice, complete=complete)
    db.session.commit()
    return errors


def line(candidature, world):
    return answers.line_of(candidature, world.form.id)


def told(candidature, world):
    return answers.told(line(candidature, world).response)


def test_several_choices_are_kept_in_the_order_of_the_list_and_foreign_ones_refused(world, mine):
    assert fill(world, mine, plays="yes", sports=["ski", "foot", "foot"]) == {}
    assert told(mine, world)["sports"] == ["foot", "ski"]
    assert list(fill(world, mine, plays="yes", sports=["golf"])) == ["sports"]
    assert told(mine, world)["sports"] == ["foot", "ski"]
    assert list(fill(world, mine, plays="yes", sports=[])) == ["sports"]


def test_what_is_not_asked_is_neither_obligatory_nor_told_but_comes_back(world, mine):
    assert fill(world, mine, plays="yes", sports=["judo"], belt="noire") == {}
    assert fill(world, mine, plays="no", sports=["judo"], belt="noire") == {}
    assert told(mine, world) == {"plays": False}
    row = db.session.scalar(db.select(FormAnswer).join(FormField).where(FormField.key == "sports"))
    assert row.value_choices is None and typed_answers.raw(row) == ["judo"]
    assert fill(world, mine, plays="no") == {}
    shown = {answer.form_field.key: typed_answers.raw(answer) for answer in line(mine, world).response.answers}
    assert shown == {"plays": "no", "sports": ["judo"], "belt": "noire"}
    assert fill(world, mine, plays="yes", sports=["judo"], belt="noire") == {}
    assert told(mine, world) == {"plays": True, "sports": ["judo"], "belt": "noire"}


def test_a_profile_that_changes_asks_one_more_question_before_transmitting(world, mine):
    world.complete(mine, world.alice)
    fill(world, mine, plays="no")
    assert line(mine, world).state == ResponseState.COMPLETED
    world.alice.candidate.nationality_code = "BR"
    db.session.commit()
    assert line(mine, world).state == ResponseState.STARTED
    with pytest.raises(Missing):
        candidatures.transmit(mine, actor=world.alice)
    db.session.rollback()
    assert fill(world, mine, plays="no", visa="long séjour") == {}
    world.alice.candidate.nationality_code = "BE"
    db.session.commit()
    transmission = candidatures.transmit(mine, actor=world.alice)
    assert transmission.answers["PROJET"]["answers"] == {"plays": False} and transmission.answers["PROJET"]["asked"] == ["plays"]


def test_a_frozen_dossier_tells_several_choices_and_leaves_titles_and_unasked_questions_out(world, mine):
    fill(world, mine, plays="yes", sports=["foot", "ski"])
    frozen = snapshots.of_answers(mine)
    assert dossier_words.forms(frozen)[0]["rows"] == [("plays", "oui"), ("sports", "Football ; Ski")]


@given(
    st.lists(
        st.tuples(st.sampled_from([FieldKind.YES_NO, FieldKind.CHOICE, FieldKind.MULTIPLE]), st.integers(0, 5), st.integers(0, 3)), max_size=6
    ),
    st.lists(st.sampled_from(["", "a", "b"]), min_size=6, max_size=6),
)
def test_a_question_is_asked_only_when_what_it_depends_on_is_asked_and_meets_its_condition(drawn, given_answers):
    fields, values = [], {}
    for number, (kind, source, wanted) in enumerate(drawn):
        wants = ("yes", "no") if source < number and drawn[source][0] == FieldKind.YES_NO else ("a", "b")
        depends = {"condition_key": f"q{source}", "condition_value": (None, *wants, None)[wanted]} if wanted else {}
        fields.append(question(f"q{number}", kind, number, choices={"a": both("A"), "b": both("B")}, **depends))
        text = given_answers[number]
        values[f"q{number}"] = {"a": True, "b": False}.get(text) if kind == FieldKind.YES_NO else [text] if kind == FieldKind.MULTIPLE and text else text
    asked = conditions.asked(fields, values)
    places = {field.key: field.position for field in fields}
    for field in fields:
        source = field.condition_key
        if source is None:
            assert field.key in asked
        else:
            is_before = source in places and places[source] < field.position
            assert (field.key in asked) == (is_before and source in asked and conditions.meets(values[source], field.condition_value))
    forward = [field for field in fields if field.condition_key and places.get(field.condition_key, 99) >= field.position]
    if fields and forward:
        with pytest.raises(DomainError):
            conditions.check(fields)
    elif fields:
        conditions.check(fields)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [question("only", FieldKind.SECTION)],
        [question("list", FieldKind.MULTIPLE)],
        [question("file", FieldKind.FILE)],
        [question("self", condition_key="self")],
        [question("part", FieldKind.SECTION, 1), question("after", position=2, condition_key="part")],
        [question("sure", FieldKind.YES_NO, 1), question("after", position=2, condition_key="sure", condition_value="maybe")],
        [question("free", FieldKind.TEXT, 1), question("after", position=2, condition_key="free", condition_value="bleu")],
        [question("lost", condition_value="yes")],
    ],
)
def test_questions_that_nobody_could_answer_are_not_published(app, fields):
    with pytest.raises(DomainError):
        conditions.check(fields)


# --- versions ---


def test_nobody_answers_a_draft_and_dropping_it_changes_nothing(world, mine):
    draft = form_versions.begin(world.form, actor=world.eve)
    assert draft.is_draft and [field.key for field in draft.fields] == ["part", "plays", "sports", "belt", "visa"]
    assert form_versions.begin(world.form, actor=world.eve) is draft
    fill(world, mine, plays="no")
    assert line(mine, world).response.form_version.number == 1
    form_versions.drop(world.form, actor=world.eve)
    db.session.commit()
    assert [version.number for version in db.session.scalars(db.select(FormVersion).filter_by(form_id=world.form.id))] == [1]


def test_publishing_moves_what_is_not_transmitted_and_keeps_the_rest(world, form):
    handed, begun = world.apply(world.alice, world.maths), world.apply(world.alice, world.history)
    world.complete(handed, world.alice)
    for one in (handed, begun):
        fill(world, one, plays="yes", sports=["foot", "judo"], belt="noire")
    candidatures.transmit(handed, actor=world.alice)
    db.session.commit()
    draft = form_versions.begin(form, actor=world.eve)
    fields = {field.key: field for field in draft.fields}
    fields["sports"].choices = {"judo": SPORTS["judo"], "ski": SPORTS["ski"]}
    fields["belt"].kind = FieldKind.NUMBER
    draft.fields.append(question("club", FieldKind.TEXT, 9))
    db.session.flush()
    assert form_versions.counts(form) == (1, 1)
    assert form_versions.publish(form, actor=world.eve) == 1
    db.session.commit()
    assert told(handed, world) == {"plays": True, "sports": ["foot", "judo"], "belt": "noire"}
    assert line(handed, world).response.form_version.number == 1
    assert told(begun, world) == {"plays": True, "sports": ["judo"]}
    assert line(begun, world).state == ResponseState.STARTED and line(begun, world).is_missing
    assert fill(world, begun, plays="yes", sports=["judo"], belt="3", club="Dojo") == {}
    assert line(begun, world).state == ResponseState.COMPLETED
    with pytest.raises(DomainError):
        form_versions.check_direct([form.versions[0]])
