"""The offer as a visitor meets it: the tree, its filter, the page of a formation."""

import html
from datetime import timedelta

import pytest
from flask import render_template
from sqlalchemy import event, select

from app import clock, queries
from app.extensions import db
from app.models import Centre, Commission, Formation, Offering, RequiredForm, RequiredPiece
from app.operations import offer
from tests.world import SECRET

HTMX = {"HX-Request": "true"}


def page(client, url, **kwargs):
    answer = client.get(url, **kwargs)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def add(world, code, name, *, centre=None, offered=True, **dates):
    """Add a formation to a centre of the world, and open it in the campaign."""
    commission = (centre or world.sciences).commissions[0]
    formation = Formation(code=code, name=name, commission=commission, diploma_type=world.licence)
    if offered:
        db.session.add(Offering(formation=formation, campaign=world.campaign, commission=commission, **dates))
    db.session.add(formation)
    db.session.commit()
    return formation


def found(text):
    return sorted(leaf.name for branch in offer.tree(queries.running_campaign(), clock.now(), text).branches for leaf in leaves(branch))


def leaves(branch):
    return [leaf for child in branch.children.values() for leaf in child.leaves]


def test_the_tree_is_open_to_everybody_and_unfolds_by_itself(client, world):
    text = page(client, "/offre")
    assert "2 formations." in text
    assert text.index("Lettres") < text.index("Licence Histoire") < text.index("Sciences") < text.index("Licence Mathématiques")
    assert '<label for="q">Filtre</label>' in text and 'method="get"' in text


@pytest.mark.parametrize("typed", ["mathématiques", "MATHEMATIQUES", "  licence   math ", "sciences licence", "clermont math", "mathematiques,licence"])
def test_words_are_found_in_any_order_without_accents_or_case(client, world, typed):
    text = page(client, "/offre", query_string={"q": typed})
    assert "Licence Mathématiques" in text and "Licence Histoire" not in text


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "%_\\"])
def test_signs_are_never_wildcards(client, world, typed):
    add(world, "wild", "Parcours neuf")
    assert found(f"zz{typed}zz") == [] and found(f"{typed}neuf{typed}") == ["Parcours neuf"]
    assert "3 formations" in page(client, "/offre", query_string={"q": typed})


def test_a_keyword_a_type_and_a_code_are_looked_into(world):
    formation = add(world, "X-77", "Philosophie")
    formation.keywords = "éthique, logique"
    db.session.commit()
    assert found("ethique") == found("logique philo") == ["Philosophie"]
    assert found("licence philo") == found("x 77") == ["Philosophie"]


def test_nothing_found_says_what_to_do(client, world):
    text = page(client, "/offre", query_string={"q": "zythologie"})
    assert "0 formation" in text and "Essayez un seul mot" in text


def test_while_typing_the_tree_comes_alone(client, world):
    answer = client.get("/offre?q=histoire", headers=HTMX)
    assert "<html" not in answer.text and 'id="tree"' in answer.text and "hx-swap-oob" in answer.text
    assert "Licence Histoire" in answer.text and "Mathématiques" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    assert "hx-swap-oob" not in client.get("/offre?q=histoire").text


def test_what_is_typed_is_shown_again_and_never_interpreted(client, world):
    answer = client.get("/offre", query_string={"q": '"><script>alert(1)</script>'})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("query", ["q=" + "a" * 100_000, "q=%00", "q=%ff%fe", "centre=abc", "centre=-1", "centre=999999999999999999999", "q=a&q=b"])
def test_a_strange_query_is_never_an_error(client, world, query):
    assert client.get(f"/offre?{query}").status_code == 200
    assert client.get(f"/offre?{query}", headers=HTMX).status_code == 200


def test_the_closed_ones_say_why_and_when(client, world):
    day = clock.local_day(clock.now())
    add(world, "later", "Licence Demain", opens_at=clock.opening_of(day + timedelta(days=3)))
    add(world, "over", "Licence Hier", closes_at=clock.closing_of(day - timedelta(days=2)))
    add(world, "none", "Licence Jamais", offered=False)
    add(world, "hidden", "Licence Cachée", is_published=False)
    text = " ".join(page(client, "/offre").split())
    assert "Pas encore ouverte : à partir du" in text and "à 0 h 00 (heure de Paris)" in text
    assert "Close depuis le" in text and "23 h 59" in text
    assert text.count("Non proposée dans cette campagne") == 2
    assert "/offre/later" in text and "/offre/none" not in text and "/offre/hidden" not in text


def test_a_retired_formation_is_not_shown(client, world):
    add(world, "old", "Licence Ancienne").is_active = False
    db.session.commit()
    assert "Ancienne" not in page(client, "/offre")


def test_the_tree_says_open_exactly_when_a_candidature_can_be_created(world):
    """The state shown and the SQL rule are twins, at the very instants where they could differ."""
    now, one = clock.now(), timedelta(microseconds=1)
    for number, dates in enumerate(
        [
            {},
            {"opens_at": now},
            {"opens_at": now + one},
            {"closes_at": now},
            {"closes_at": now + one},
            {"opens_at": now + one, "closes_at": now - one},
            {"closes_at": world.campaign.ends_at + timedelta(days=9)},
            {"is_published": False},
        ]
    ):
        add(world, f"t{number}", f"Licence {number}", **dates)
    for ends in (None, now + one, now):
        world.campaign.candidates_end_at = ends
        db.session.commit()
        chosen = select(Formation.code).join(Offering).join(Offering.campaign).where(queries.is_open(now))
        by_rule = set(db.session.scalars(chosen))
        tree = offer.tree(world.campaign, now)
        assert {leaf.code for branch in tree.branches for leaf in leaves(branch) if leaf.state == "open"} == by_rule
        offerings = db.session.scalars(select(Offering)).all()
        assert {row.formation.code for row in offerings if offer.state_of(row, now)[0] == "open"} == by_rule


def test_without_a_campaign_everything_is_said_not_offered(client, world):
    world.campaign.is_running = False
    db.session.commit()
    text = page(client, "/offre")
    assert "Aucune campagne n’est en cours" in text and "Non proposée" in text
    assert client.get(f"/offre/{world.maths.formation.code}").status_code == 404


def test_too_many_formations_fold_into_their_centres_and_none_is_out_of_reach(client, world, monkeypatch):
    monkeypatch.setattr(offer, "SHOWN", 1)
    text = page(client, "/offre")
    assert "2 formations. Ouvrez un centre" in text
    assert "Licence Histoire" not in text and "Lettres <span" in text
    link = f"/offre?centre={world.letters.id}"
    assert f'href="{link}#centre-{world.letters.id}"' in text and f'hx-get="{link}"' in text
    unfolded = page(client, link)
    assert "Licence Histoire" in unfolded and "Licence Mathématiques" not in unfolded
    branch = page(client, link, headers=HTMX)
    assert "Licence Histoire" in branch and "<html" not in branch and "Sciences" not in branch
    filtered = page(client, "/offre?q=licence")
    assert f'href="/offre?q=licence&centre={world.letters.id}#' in filtered


def test_the_filter_costs_the_same_queries_with_two_formations_and_with_forty(client, world):
    def cost(url):
        client.get(url)
        seen = []
        listener = lambda *args: seen.append(args[2])
        event.listen(db.engine, "before_cursor_execute", listener)
        client.get(url)
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    urls = ("/offre", "/offre?q=licence", f"/offre/{world.maths.formation.code}")
    before = [cost(url) for url in urls]
    for number in range(40):
        centre = Centre(code=f"c{number}", name=f"Centre {number}", opens_at=world.sciences.opens_at, closes_at=world.sciences.closes_at)
        Commission(code=f"k{number}", name="Commission", centre=centre)
        add(world, f"f{number}", f"Licence {number}", centre=centre)
        db.session.add(RequiredPiece(campaign=world.campaign, piece_type=world.piece(f"P{number}").piece_type))
    db.session.commit()
    assert [cost(url) for url in urls] == before
    assert max(before) <= 8


# --- the search text follows every change, whoever makes it ---


def test_a_change_of_name_anywhere_is_searched_at_once(world):
    formation = add(world, "follow", "Chimie")
    formation.name = "Biochimie"
    world.sciences.name = "Faculté des sciences exactes"
    world.licence.name = {"fr": "Premier cycle", "en": "Bachelor"}
    db.session.commit()
    assert found("biochimie") == found("biochimie exactes") == found("cycle bioch") == found("bachelor biochimie") == ["Biochimie"]
    formation.town = "Vichy"
    db.session.commit()
    assert found("vichy") == ["Biochimie"]


def test_a_formation_moved_to_another_commission_is_searched_there(world):
    formation = add(world, "follow", "Chimie")
    formation.commission = world.letters.commissions[0]
    db.session.commit()
    assert found("lettres chimie") == ["Chimie"] and found("sciences chimie") == []
    formation.commission_id = world.sciences.commissions[0].id
    db.session.commit()
    assert found("sciences chimie") == ["Chimie"] and found("lettres chimie") == []
    world.sciences.commissions[0].centre = world.letters
    db.session.commit()
    assert found("lettres chimie") == ["Chimie"]


def test_a_formation_made_by_numbers_alone_is_searched(world):
    db.session.add(Formation(code="n", name="Optique", commission_id=world.sciences.commissions[0].id, diploma_type_id=world.licence.id))
    db.session.commit()
    assert found("sciences optique licence") == ["Optique"]


def test_search_texts_can_be_written_again(world):
    from sqlalchemy import update

    db.session.execute(update(Formation).values(search_text="stale"))
    db.session.commit()
    db.session.expire_all()
    assert found("histoire") == []
    assert offer.rebuild_search_texts() == 2
    assert offer.rebuild_search_texts() == 0
    assert found("histoire") == ["Licence Histoire"]


# --- the page of a formation ---


def test_a_formation_shows_dates_pieces_forms_contact_and_seats(client, world):
    formation = world.maths.formation
    formation.code, formation.url, formation.entry_level = "abc", "https://exemple.fr/maths", 3
    world.sciences.information = {"fr": "Accueil le lundi.\nApportez ce dossier.", "en": "Open on Mondays."}
    db.session.commit()
    text = page(client, f"/offre/{world.maths.formation.code}")
    assert "Candidater à cette formation" in text and "/candidatures/nouvelle/abc" in text
    assert "Clermont-Ferrand" in text and "(heure de Paris)" in text and "bac + 3" in text
    assert "<dd>20</dd>" in text and "sciences@postulo.example" in text
    assert "LETTRE" in text and "Pour la commission." in text and "si vous êtes concerné" in text
    assert "Projet" in text and "Accueil le lundi.<br>Apportez" in text
    assert 'href="https://exemple.fr/maths"' in text


def test_a_piece_of_another_formation_or_a_retired_form_is_not_shown(client, world):
    other = world.piece("SECRET")
    other.offering = world.history
    db.session.scalar(select(RequiredForm)).is_active = False
    db.session.commit()
    assert "SECRET" not in page(client, f"/offre/{world.maths.formation.code}") and "SECRET" in page(client, f"/offre/{world.history.formation.code}")
    assert "Formulaires complémentaires" not in page(client, f"/offre/{world.maths.formation.code}")


def test_a_site_that_is_no_web_address_is_not_a_link(client, world):
    world.maths.formation.url = "javascript:alert(1)"
    db.session.commit()
    assert "javascript:" not in page(client, f"/offre/{world.maths.formation.code}")


def test_a_closed_formation_has_no_button_and_says_when(client, world):
    world.maths.opens_at = clock.now() + timedelta(days=3)
    db.session.commit()
    text = page(client, f"/offre/{world.maths.formation.code}")
    assert "Candidater à cette formation" not in text and "Pas encore ouverte : à partir du" in text


@pytest.mark.parametrize("code", ["absente", "maths%00", "..%2f..%2fetc", "x" * 5000, "%F0%9F%98%80"])
def test_an_unknown_code_is_not_found(client, world, code):
    assert client.get(f"/offre/{code}").status_code in (400, 404)


# --- choosing ---


def test_choosing_leads_to_the_confirmation_and_only_for_the_open_ones(client, world):
    add(world, "over", "Licence Hier", closes_at=clock.now() - timedelta(days=2))
    world.maths.formation.code = "abc"
    db.session.commit()
    client.sign_in("alice@exemple.fr", SECRET)
    text = page(client, "/candidatures/nouvelle")
    assert 'href="/candidatures/nouvelle/abc"' in text
    assert 'href="/candidatures/nouvelle/over"' not in text and 'href="/offre/over"' in text
    fragment = page(client, "/candidatures/nouvelle?q=math", headers=HTMX)
    assert 'href="/candidatures/nouvelle/abc"' in fragment and "<html" not in fragment


def test_a_folded_tree_escapes_what_it_shows(app):
    """The lines of folded centres are written without automatic escapes, for speed: their texts still are."""
    hostile = offer.Tree([offer.Branch(7, "<b>Droit & \"Lettres\"</b>", 200)], 200, True)
    with app.test_request_context("/offre"):
        shown = render_template("offer/_tree.html", tree=hostile, q="<i>&\"", centre_id=None, is_fragment=True, is_choosing=False, why=str)
    assert "&lt;b&gt;Droit &amp; &#34;Lettres&#34;&lt;/b&gt;" in shown
    assert "<b>" not in shown and "<i>" not in shown and 'hx-get="/offre?q=%3Ci%3E%26%22&amp;centre=7"' in shown
