"""The builder of forms: a draft beside what is published, its questions in order, its preview in both languages, its publication."""

import pytest

from app.enums import FieldKind
from app.extensions import db
from app.models import AuditEntry, FormField
from app.operations import answers, form_versions
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


# --- the builder ---


@pytest.fixture
def base(world):
    return f"/gestion/form/{world.form.id}/construire"


@pytest.fixture
def draft(eve, base, world):
    assert eve.post(base).status_code == 303
    return lambda: fresh(world)


def fresh(world):
    db.session.rollback()
    db.session.expire_all()
    return form_versions.draft_of(world.form)


def typed(**more):
    choices = {"choice_key": ["", "", ""], "choice_fr": ["Football", "Judo", ""], "choice_en": ["", "Judo club", ""]}
    return {"kind": "MULTIPLE", "label_fr": "Vos sports ?", "label_en": "Your sports?", "is_required": "1", "seen_version": "", **choices, **more}


def test_a_draft_is_built_looked_at_and_published(eve, base, draft, world):
    assert eve.post(f"{base}/question", typed()).status_code == 303
    made = draft().fields[-1]
    assert (made.key, made.kind, made.choices) == ("vos_sports", FieldKind.MULTIPLE, {"football": {"fr": "Football"}, "judo": {"fr": "Judo", "en": "Judo club"}})
    answer = eve.post(f"{base}/question", typed(kind="TEXT", label_fr="Ceinture ?", label_en="Belt?", condition="vos_sports=judo"))
    assert answer.status_code == 303
    belt = draft().fields[-1]
    assert (belt.condition_key, belt.condition_value, belt.choices) == ("vos_sports", "judo", None)
    page = eve.get(base).text
    assert 'lang="fr"' in page and "Ceinture ?" in page and "Belt?" in page and "Only if you choose “Judo club” in “Your sports?”." in page
    mine = world.apply(world.alice, world.maths)
    answers.save(mine, world.form, {"why": "Parce que."}, actor=world.alice, complete=True)
    db.session.commit()
    assert "1 réponse commencée et non transmise passera" in eve.get(base).text
    assert "1 réponse commencée y passe" in eve.post(f"{base}/publier", follow_redirects=True).text
    line = answers.line_of(mine, world.form.id)
    assert (line.response.form_version.number, answers.told(line.response), line.is_missing) == (2, {"why": "Parce que."}, True)
    kept = db.session.scalars(db.select(AuditEntry).where(AuditEntry.entity == "FormField", AuditEntry.action == "create")).all()
    assert len(kept) == 2 and draft() is None


def test_what_is_refused_stays_as_typed_and_a_look_keeps_nothing(eve, base, draft):
    count = len(draft().fields)
    answer = eve.post(f"{base}/question", typed(choice_fr=["", "", ""], choice_en=["", "Judo club", ""]))
    assert answer.status_code == 422 and 'href="#choices"' in answer.text and 'value="Judo club"' in answer.text
    answer = eve.post(f"{base}/question", typed(kind="FILE"))
    assert answer.status_code == 422 and 'href="#piece"' in answer.text
    assert eve.post(f"{base}/question", typed(kind="FICHIER")).status_code == 422
    answer = eve.post(f"{base}/question", typed(look="1"))
    assert answer.status_code == 200 and answer.text.count("Judo club") >= 2 and "Your sports?" in answer.text
    fragment = eve.post(f"{base}/apercu", typed())
    assert fragment.text.startswith('<div id="previews"') and "Your sports?" in fragment.text and len(draft().fields) == count


def test_a_file_names_the_piece_that_it_deposits(eve, base, draft, world):
    assert eve.post(f"{base}/question", typed(kind="FILE", piece=str(world.cv.piece_type_id))).status_code == 303
    assert (draft().fields[-1].kind, draft().fields[-1].piece_type_id) == (FieldKind.FILE, world.cv.piece_type_id)
    assert 'type="file" disabled' in eve.get(base).text
    assert eve.post(f"{base}/publier", follow_redirects=True).status_code == 200 and draft() is None


def test_a_choice_keeps_its_key_when_its_words_change(eve, base, draft):
    eve.post(f"{base}/question", typed())
    made = draft().fields[-1]
    sent = form_of(eve.get(f"{base}/question/{made.id}"), "data-kinds")
    sent["choice_fr"][0] = "Ballon rond"
    assert eve.post(f"{base}/question/{made.id}", {**sent, "choice_fr": sent["choice_fr"]}).status_code == 303
    assert draft().fields[-1].choices["football"] == {"fr": "Ballon rond"}
    assert eve.post(f"{base}/question/{made.id}", sent).status_code == 422  # the page is older than the row
    assert draft().fields[-1].choices["football"] == {"fr": "Ballon rond"}


def test_questions_are_put_in_order_taken_out_and_conditions_watched(eve, base, draft):
    eve.post(f"{base}/question", typed(kind="TEXT", label_fr="Détail", condition="sure=no"))
    sure, detail = draft().fields[-2:]
    answer = eve.post(f"{base}/question/{detail.id}/ordre", {"beside": f"before:{sure.id}", "seen_version": str(detail.version)})
    assert answer.status_code == 303 and [field.key for field in draft().fields][-2:] == ["detail", "sure"]
    assert "dépend d’une question qui ne la précède pas" in eve.get(base).text
    assert "dépend d’une question" in eve.post(f"{base}/publier", follow_redirects=True).text and draft() is not None
    answer = eve.post(f"{base}/question/{sure.id}/retirer", {"seen_version": str(draft().fields[-1].version)}, follow_redirects=True)
    assert "« Détail » dépend de cette question" in answer.text
    detail = draft().fields[-2]
    eve.post(f"{base}/question/{detail.id}/retirer", {"seen_version": str(detail.version)})
    assert "detail" not in [field.key for field in draft().fields]
    eve.post(f"{base}/abandonner")
    assert draft() is None


def test_a_form_of_another_centre_or_of_another_site_is_not_built(charlie, eve, base, world):
    assert charlie.get(base).status_code == charlie.post(base).status_code == 404  # it belongs to the whole university
    world.form.url = "https://enquete.exemple.fr"
    db.session.commit()
    assert eve.get(base).status_code == 404


def test_the_page_of_a_form_leads_to_its_builder(eve, base, world):
    assert base in eve.get(f"/gestion/form/details/?id={world.form.id}").text
    page = eve.get(base).text
    assert "Commencer un brouillon" in page and "data-ordered" not in page


def test_a_condition_on_what_comes_after_is_refused_on_the_generated_screen_too(eve, world):
    version = world.form.versions[0]
    new = {"key": "neuve", "kind": "TEXT", "label": ["Neuve", ""], "form_version": str(version.id), "condition_key": "sure", "condition_value": "yes"}
    answer = eve.post("/gestion/formfield/new/", {**new, "position": "2"})
    assert answer.status_code == 422 and "ne la précède pas" in answer.text
    assert eve.post("/gestion/formfield/new/", {**new, "position": "20"}).status_code == 302
