"""Route by route: the right that each door of the back office needs, and what it answers to everybody else (trust T2, T3).

A door added to the URL map without a line in `DOORS` fails here. To add one: method, address, right, and what must be held of it:
`read`, `write`, `own` (read is enough, and what is posted changes the person's own things alone: a view, a job asked, a preference),
or `-` when any member of the staff may open it, to find there what his other rights open.
"""

import hashlib

from sqlalchemy import select

from app.admin.generate import models
from app.admin.ordered import is_ordered
from app.enums import Functionality
from app.extensions import db
from app.models import Grant, OutboxMessage, SubmittedPiece, User
from app.operations import checks
from tests.admin.test_closed import ask

DOORS = """
GET  /gestion/                                              -                 -
GET  /gestion/agir/                                         ACT_FOR_CANDIDATE read
GET  /gestion/agir/<public_id>                              ACT_FOR_CANDIDATE write
POST /gestion/agir/<public_id>/<verb>                       ACT_FOR_CANDIDATE write
GET  /gestion/campaign/dates                                CAMPAIGNS         read
GET  /gestion/campaign/<row_id>/acte/<verb>                 CAMPAIGNS         write
POST /gestion/campaign/<row_id>/acte/<verb>                 CAMPAIGNS         write
GET  /gestion/campaign/<row_id>/copier                      CAMPAIGNS         write
POST /gestion/campaign/<row_id>/copier                      CAMPAIGNS         write
GET  /gestion/campaign/<row_id>/verifier                    CAMPAIGNS         read
GET  /gestion/campaign/<row_id>/verifier/nombres            CAMPAIGNS         read
GET  /gestion/offering/dates                                FORMATIONS        read
GET  /gestion/piecetype/<row_id>/modele.pdf                  PIECES            read
POST /gestion/piecetype/<row_id>/modele                      PIECES            write
POST /gestion/piecetype/<row_id>/modele/retirer              PIECES            write
GET  /gestion/candidat/<dossier_number>/candidater          ACT_FOR_CANDIDATE write
POST /gestion/candidat/<dossier_number>/candidater          ACT_FOR_CANDIDATE write
POST /gestion/candidat/<dossier_number>/compte/<verb>       CANDIDATES        write
GET  /gestion/candidat/<dossier_number>/lignes/<step>                       CANDIDATES write
GET  /gestion/candidat/<dossier_number>/lignes/<step>/ajouter               CANDIDATES write
POST /gestion/candidat/<dossier_number>/lignes/<step>/ajouter               CANDIDATES write
GET  /gestion/candidat/<dossier_number>/lignes/<step>/<int:row_id>          CANDIDATES write
POST /gestion/candidat/<dossier_number>/lignes/<step>/<int:row_id>          CANDIDATES write
POST /gestion/candidat/<dossier_number>/lignes/<step>/<int:row_id>/retirer  CANDIDATES write
GET  /gestion/candidat/<dossier_number>/profil/<step>       CANDIDATES        write
POST /gestion/candidat/<dossier_number>/profil/<step>       CANDIDATES        write
GET  /gestion/candidat/nouveau                              CANDIDATES        write
POST /gestion/candidat/nouveau                              CANDIDATES        write
GET  /gestion/candidat/                                     -                 -
GET  /gestion/candidat/<dossier_number>                     -                 -
GET  /gestion/candidature/colonnes                          CANDIDATURES      read
POST /gestion/candidature/colonnes                          CANDIDATURES      own
GET  /gestion/candidature/compte                            CANDIDATURES      read
GET  /gestion/candidature/dossier/<public_id>               CANDIDATURES      read
POST /gestion/candidature/dossier/<public_id>/acte/<verb>   CANDIDATURES      write
GET  /gestion/candidature/exporter                          EXPORTS           own
POST /gestion/candidature/exporter                          EXPORTS           own
POST /gestion/candidature/exporter/demander                 EXPORTS           own
GET  /gestion/candidature/filtres                           CANDIDATURES      read
GET  /gestion/candidature/piece/<public_id>                 CANDIDATURES      read
GET  /gestion/candidature/piece/<public_id>/apercu.png      CANDIDATURES      read
GET  /gestion/candidature/piece/<public_id>/fichier         CANDIDATURES      read
GET  /gestion/candidature/piece/<public_id>/page/<int:number>.png CANDIDATURES read
GET  /gestion/candidature/vues                              CANDIDATURES      read
POST /gestion/candidature/vues                              CANDIDATURES      own
POST /gestion/candidature/vues/<public_id>/<verb>           CANDIDATURES      own
POST /gestion/centre/<int:row_id>/membre                    ORGANISATION      write
POST /gestion/centre/<int:row_id>/membre/<int:grant_id>/retirer ORGANISATION  write
POST /gestion/commission/<int:row_id>/membre                ORGANISATION      write
POST /gestion/commission/<int:row_id>/membre/<int:grant_id>/presidence ORGANISATION write
POST /gestion/commission/<int:row_id>/membre/<int:grant_id>/retirer ORGANISATION write
POST /gestion/commission/<int:row_id>/signature             ORGANISATION      write
GET  /gestion/commission/<int:row_id>/signature.png         ORGANISATION      read
POST /gestion/commission/<int:row_id>/signature/retirer     ORGANISATION      write
GET  /gestion/form/<int:row_id>/construire                  FORMS             write
POST /gestion/form/<int:row_id>/construire                  FORMS             write
POST /gestion/form/<int:row_id>/construire/<verb>           FORMS             write
POST /gestion/form/<int:row_id>/construire/apercu           FORMS             write
GET  /gestion/form/<int:row_id>/construire/question         FORMS             write
POST /gestion/form/<int:row_id>/construire/question         FORMS             write
GET  /gestion/form/<int:row_id>/construire/question/<int:number>          FORMS write
POST /gestion/form/<int:row_id>/construire/question/<int:number>          FORMS write
POST /gestion/form/<int:row_id>/construire/question/<int:number>/ordre    FORMS write
POST /gestion/form/<int:row_id>/construire/question/<int:number>/retirer  FORMS write
GET  /gestion/staffmember/inviter                           RIGHTS            write
POST /gestion/staffmember/inviter                           RIGHTS            write
POST /gestion/staffmember/<int:row_id>/adresse              RIGHTS            write
POST /gestion/staffmember/<int:row_id>/droit                RIGHTS            write
POST /gestion/staffmember/<int:row_id>/droit/<int:grant_id>/retirer RIGHTS    write
POST /gestion/staffmember/<int:row_id>/lien                 RIGHTS            write
GET  /gestion/configurer/                                   -                 -
GET  /gestion/documents/                                    DOCUMENTS         read
POST /gestion/documents/choisir                             DOCUMENTS         own
POST /gestion/documents/demander                            DOCUMENTS         own
GET  /gestion/documents/dossier/<public_id>                 DOCUMENTS         read
POST /gestion/documents/dossier/<public_id>                 DOCUMENTS         own
GET  /gestion/documents/lettre/<public_id>                  DOCUMENTS         read
GET  /gestion/ensemble/                                     CANDIDATURES      read
POST /gestion/ensemble/                                     CANDIDATURES      own
GET  /gestion/ensemble/<public_id>                          CANDIDATURES      read
POST /gestion/ensemble/<public_id>/annuler                  CANDIDATURES      write
GET  /gestion/ensemble/<public_id>/avancement               CANDIDATURES      read
POST /gestion/ensemble/<public_id>/confirmer                CANDIDATURES      write
GET  /gestion/identite/                                     PARAMETERS        read
POST /gestion/identite/logo                                 PARAMETERS        write
GET  /gestion/identite/logo.png                             PARAMETERS        read
GET  /gestion/lettertemplate/apercu/<row_id>                TEMPLATES         read
GET  /gestion/lettertemplate/livree/<code>                  TEMPLATES         read
GET  /gestion/personnes/                                    -                 -
GET  /gestion/places/                                       SEATS             read
GET  /gestion/places/<row_id>                               SEATS             read
POST /gestion/places/<row_id>/<verb>                        SEATS             write
GET  /gestion/preferences/                                  -                 -
POST /gestion/preferences/                                  -                 own
GET  /gestion/publications/                                 PUBLISH_DECISION  read
GET  /gestion/publications/publier                          PUBLISH_DECISION  read
POST /gestion/publictext/<row_id>/livre                     TEMPLATES         write
POST /gestion/publications/publier                          PUBLISH_DECISION  write
GET  /gestion/statistiques/                                 STATISTICS        read
GET  /gestion/statistiques/export/<name>.<export_type>      STATISTICS        read
GET  /gestion/traitements/                                  OPERATIONS        read
GET  /gestion/traitements/<code>                            OPERATIONS        read
POST /gestion/traitements/<code>                            OPERATIONS        write
POST /gestion/traitements/<code>/lancer                     OPERATIONS        write
GET  /gestion/parametres/                                   PARAMETERS        read
POST /gestion/parametres/defaut                              PARAMETERS        write
POST /gestion/parametres/                                   PARAMETERS        write
GET  /gestion/travaux/                                      -                 -
GET  /gestion/travaux/<public_id>                           -                 -
POST /gestion/travaux/<public_id>/arreter                   -                 -
GET  /gestion/travaux/<public_id>/avancement                -                 -
GET  /gestion/travaux/<public_id>/fichier                   -                 -
"""

# the doors of every generated screen: its last words, and what is needed of the model's own right
GENERATED = {"": "read", "details/": "read", "new/": "write", "edit/": "write", "export/<export_type>/": "write", "ajax/lookup/": "write"}
REFUSED = {403, 404}
FILL = {
    "public_id": "absent", "verb": "complete", "number": 1, "export_type": "csv", "row_id": 999_999, "grant_id": 999_999, "name": "daily",
    "code": "absent", "dossier_number": "ABSENT22",
}  # fmt: skip


def doors():
    """Return {(method, rule): (right or None, level)} of the table."""
    found = {}
    for line in DOORS.strip().splitlines():
        method, rule, right, level = line.split()
        found[method, rule] = (None if right == "-" else Functionality(right), level)
    return found


def generated():
    """Return the same for the screens generated from the models."""
    found = {}
    for model in models():
        meta, base = model.__managed__, f"/gestion/{model.__name__.lower()}/"
        for end, level in GENERATED.items():
            for method in ("GET", "POST") if end in ("new/", "edit/") else ("GET",):
                found[method, base + end] = (Functionality(meta.right), level)
        if is_ordered(model):
            found["POST", f"{base}<int:row_id>/ordre"] = (Functionality(meta.right), "write")
    return found


def routes(app):
    """Return {(method, rule): werkzeug rule} of every door of the back office."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/gestion") and not rule.endpoint.endswith(".static"):
            for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                found[method, rule.rule] = rule
    return found


def listed(app):
    """Return [(method, werkzeug rule, right, level)] of every door that exists."""
    table = {**generated(), **doors()}
    found = sorted(routes(app).items(), key=lambda pair: pair[0][1])
    return [(method, rule, *table[method, path]) for (method, path), rule in found if (method, path) in table]


def address(app, rule, values=None):
    return app.url_map.bind("localhost").build(rule.endpoint, {name: {**FILL, **(values or {})}.get(name, "absent") for name in rule.arguments})


def fingerprint():
    """Return a digest of every row of the database, but for what a visit itself leaves."""
    db.session.rollback()
    digest = hashlib.sha256()
    for table in db.metadata.sorted_tables:
        if table.name not in ("user_session", "outbox_message"):
            rows = sorted(map(repr, db.session.execute(select(table)).tuples()))
            digest.update(f"{table.name}{rows}".encode())
    db.session.rollback()
    return digest.hexdigest()


# --- the table is whole ---


def test_every_door_is_in_the_table(app):
    missing = sorted(set(routes(app)) - set(doors()) - set(generated()))
    assert missing == [], "give each a line in DOORS"


def test_the_table_names_no_door_that_is_not_there(app):
    assert sorted(set(doors()) - set(routes(app))) == []


def test_a_door_without_a_line_would_be_seen(app):
    found = set(routes(app)) - set(generated())
    assert ("GET", "/gestion/parametres/") in found and len(found) > 20


# --- what each answers ---


def test_visitors_and_candidates_open_none(app, visitor, signed_in, world):
    alice = signed_in(world.alice)
    before = fingerprint()
    for method, rule, _right, _level in listed(app):
        path = address(app, rule)
        answer = ask(visitor, method, path)
        assert answer.status_code == (302 if method == "GET" else 401), (method, path)
        assert ask(alice, method, path).status_code == 404, (method, path)
    assert fingerprint() == before


def own_rows(world):
    """Return the numbers that fill the address of each door with a row that is really there, in Sciences."""
    candidature = world.transmitted(world.alice, world.maths)
    version = next(piece.file_version for piece in candidature.pieces if piece.file_version_id)
    checks.check_version(version.id)
    db.session.commit()
    frank = world.frank.staff_member
    return {
        "candidature.piece": {"public_id": version.public_id}, "candidature.": {"public_id": candidature.public_id},
        "candidat.": {"dossier_number": world.alice.candidate.dossier_number},
        "agir.": {"public_id": candidature.public_id},
        "centre.": {"row_id": world.sciences.id, "grant_id": frank.grants[0].id},
        "commission.": {"row_id": world.maths.commission_id, "grant_id": frank.grants[0].id},
        "staffmember.": {"row_id": frank.id, "grant_id": frank.grants[0].id},
    }  # fmt: skip


def filled(app, rule, rows):
    name = "candidature.piece" if "/piece/" in rule.rule else rule.endpoint
    values = next((values for start, values in rows.items() if name.startswith(start)), {})
    return address(app, rule, values)


def test_who_holds_every_right_but_one_is_refused_by_its_doors(app, signed_in, world):
    """The sharpest stranger: everything, everywhere, in write, but the very right of the door."""
    rows, opened = own_rows(world), []
    for right in Functionality:
        client = signed_in(world.staff(f"without-{right.value.lower()}", tuple(other for other in Functionality if other != right)))
        before = fingerprint()
        for method, rule, needed, _level in listed(app):
            if needed == right and ask(client, method, path := filled(app, rule, rows)).status_code not in REFUSED:
                opened.append((right.value, method, path))
        assert fingerprint() == before, right
    assert opened == []


def test_who_only_reads_changes_nothing(app, signed_in, world):
    client = signed_in(world.staff("reader", tuple(Functionality), is_write=False))
    rows = own_rows(world)
    before = fingerprint()
    for method, rule, _right, level in listed(app):
        path = filled(app, rule, rows)
        if level == "write":
            assert ask(client, method, path).status_code in {*REFUSED, 409}, (method, path)
        elif level == "read":
            assert ask(client, method, path).status_code in {200, 302, 404}, (method, path)
    assert fingerprint() == before


def foreign_rows(world):
    """Return the same numbers as `own_rows` for rows of Letters, that Charlie does not manage."""
    candidature = world.transmitted(world.bob, world.history)
    version = next(piece.file_version for piece in candidature.pieces if piece.file_version_id)
    checks.check_version(version.id)
    db.session.commit()
    grant = db.session.scalar(select(Grant.id).where(Grant.centre_id == world.letters.id))
    return {
        "candidature.piece": {"public_id": version.public_id}, "candidature.": {"public_id": candidature.public_id},
        "candidat.": {"dossier_number": world.bob.candidate.dossier_number},
        "agir.": {"public_id": candidature.public_id},
        "centre.": {"row_id": world.letters.id, "grant_id": grant},
        "commission.": {"row_id": world.history.commission_id, "grant_id": grant},
    }  # fmt: skip


def test_a_foreign_row_is_absent_at_every_door_that_names_one(app, charlie, world):
    """Charlie holds every right in Sciences: a row of Letters answers him exactly as one that does not exist."""
    rows = foreign_rows(world)
    before, seen = fingerprint(), 0
    for method, rule, _right, _level in listed(app):
        foreign, absent = filled(app, rule, rows), address(app, rule)
        if foreign == absent:
            continue
        answers = [ask(charlie, method, path) for path in (foreign, absent)]
        assert [answer.status_code for answer in answers] == [404, 404], (method, foreign)
        assert len(answers[0].data) == len(answers[1].data), foreign
        seen += 1
    assert fingerprint() == before and seen >= 12


def test_rights_of_the_whole_university_are_no_centres(app, charlie, world):
    """What belongs to no centre opens to a grant on everything alone, whatever is held on a centre."""
    everywhere = {model.__name__.lower() for model in models() if model.__managed__.scope is None}
    for name in sorted(everywhere):
        listing = charlie.get(f"/gestion/{name}/")
        assert listing.status_code in {200, 403}
        if listing.status_code == 200:
            assert "<span class=\"muted\">(0)</span>" in listing.text, name
    assert db.session.scalar(select(User.id)) and db.session.query(OutboxMessage).count() == 0
    assert db.session.query(SubmittedPiece).count() == 0
