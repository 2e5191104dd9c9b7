"""The builder of forms: a draft beside what is published, its questions in order, its preview in both languages, its publication."""

import pytest

from app.enums import FieldKind
from app.extensions import db
from app.models import FormField
from app.operations import answers
from tests.admin.pages import form_of
from tests.admin.test_candidature_exports import ask, book_of, made
from tests.admin.test_candidature_list import LIST, count
from tests.world import both


@pytest.fixture
def sports(world):
    kinds = {"foot": both("Football"), "judo": both("Judo"), "ju_o": both("Autre")}
    world.form.versions[0].fields.append(
        FormField(key="sports", kind=FieldKind.MULTIPLE, label=both("Vos sports"), choices=kinds, is_required=False, position=9)
    )
    world.form.versions[0].fields.append(FormField(key="part", kind=FieldKind.SECTION, label=both("Partie"), position=8))
    db.session.commit()
    mine = world.apply(world.alice, world.maths)
    answers.save(mine, world.form, {"why": "x", "sports": ["foot", "judo"]}, actor=world.alice, complete=True)
    other = world.apply(world.bob, world.maths)
    answers.save(other, world.form, {"why": "x", "sports": []}, actor=world.bob, complete=True)
    db.session.commit()
    return f"answer-{world.form.id}-sports"


def test_several_choices_are_a_column_a_filter_and_a_cell_of_an_export(charlie, sports):
    assert count(charlie, f"?f.{sports}=judo") == "(1)" and count(charlie, f"?f.{sports}=ju_o") == "(0)"
    assert count(charlie, f"?f.{sports}=foot&f.{sports}=ju_o") == "(1)"
    assert count(charlie, f"?f.{sports}.empty=1") == "(1)" and count(charlie, f"?f.{sports}.empty=0") == "(1)"
    charlie.post(f"{LIST}colonnes", {"move": f"add:{sports}"})
    assert "Football, Judo" in charlie.get(LIST).text
    ask(charlie, format="xlsx", columns=["last_name", sports])
    cells = {row[0].value: row[1].value for row in book_of(made()).worksheets[1].iter_rows()}
    assert cells["Alpha"] == "Football, Judo" and cells["Beta"] in (None, "")


def test_a_question_that_was_answered_is_not_changed_where_it_stands(eve, sports, world):
    question = db.session.scalar(db.select(FormField).filter_by(key="why"))
    address = f"/gestion/formfield/edit/?id={question.id}"
    answer = eve.post(address, {**form_of(eve.get(address)), "label": "Autre chose ?"})
    assert answer.status_code == 422 and "Construire le formulaire" in answer.text
    new = {"key": "neuve", "kind": "TEXT", "label": "Neuve", "position": "5", "form_version": str(question.form_version_id)}
    assert eve.post("/gestion/formfield/new/", new).status_code == 422
    db.session.expire_all()
    assert question.label == both("Pourquoi ?") and db.session.scalar(db.select(FormField).filter_by(key="neuve")) is None
