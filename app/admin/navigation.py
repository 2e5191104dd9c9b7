"""The one registry of the back office's menu: tasks in their order, and what each screen is for in one sentence.

To add a screen, write its line in `GROUPS`: the menu, the index of the configuration, the help at the top of the screen and
the breadcrumbs all read it. A screen without a line is reachable by links only (tests/admin/test_navigation.py says which may).
"""

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Screen:
    """One line of the menu.

    Attributes:
        endpoint: of its view.
        why: what people do there, in one sentence.
        part: the part of an index page that lists it.
    """

    endpoint: str
    why: Any
    part: Any = None


@dataclass(frozen=True)
class Group:
    """A task; `index` is the endpoint of the page that lists its screens, which the menu then shows alone."""

    title: Any
    screens: tuple
    index: str | None = None


OFFER, ASKED, DECISIONS, WORDS, PLACE = _("L’offre"), _("Ce qui est demandé"), _("Les avis"), _("Ce qui est écrit"), _("L’établissement")

GROUPS = (
    Group(
        _("À faire"),
        (Screen("admin", _("Ce qui attend une action de votre part, le plus urgent d’abord.")),),
    ),
    Group(
        _("Candidatures"),
        (
            Screen("candidature", _("Filtrez, ouvrez un dossier, ou cochez-en plusieurs pour agir d’un coup.")),
            Screen("candidate", _("Les personnes qui ont un compte : leur profil, leurs candidatures d’une année à l’autre.")),
            Screen("outboxmessage", _("Tout ce qui a été écrit aux candidats et aux commissions : parti, retenu ou revenu.")),
        ),
    ),
    Group(
        _("Décider"),
        (
            Screen("publications", _("Relisez les avis validés, puis publiez-les ensemble, tout de suite ou à une date.")),
            Screen("places", _("Les places de chaque formation, les offres en cours, et qui sera appelé ensuite.")),
        ),
    ),
    Group(
        _("Suivre"),
        (
            Screen("statistiques", _("Où en est la campagne : dossiers, avis, réponses, places et délais.")),
            Screen("travaux", _("Les actes groupés, exports et documents que vous avez demandés.")),
            Screen("enrolmentproposal", _("Les propositions d’inscription transmises à la scolarité, et leur réponse.")),
        ),
    ),
    Group(
        _("Configurer"),
        (
            Screen("campaign", _("Une campagne donne ses dates à tout le reste : commencez par elle."), OFFER),
            Screen("formation", _("Le catalogue : intitulé, diplôme, commission qui examine."), OFFER),
            Screen("offering", _("Une formation ouverte dans une campagne : dates, places, avis favorable par défaut."), OFFER),
            Screen("diplomatype", _("Les familles de l’offre : licence, master, DUT…"), OFFER),
            Screen("piecetype", _("Les documents qui existent : nom, aide pour le candidat, modèle à remplir."), ASKED),
            Screen("requiredpiece", _("Qui doit fournir quoi : tous, un centre ou une formation."), ASKED),
            Screen("form", _("Les questionnaires : créez-en un, puis ses questions."), ASKED),
            Screen("formfield", _("Chaque question d’un formulaire : son texte, la forme de sa réponse."), ASKED),
            Screen("requiredform", _("Qui doit remplir quel formulaire : tous, un centre ou une formation."), ASKED),
            Screen("decisiontype", _("Les avis que vos commissions rendent, et ce qu’ils entraînent."), DECISIONS),
            Screen("decisionreason", _("Pourquoi un refus ou un désistement : la liste proposée."), DECISIONS),
            Screen("scoringgrid", _("Les grilles que les jurys remplissent pour départager les dossiers."), DECISIONS),
            Screen("criterion", _("Les critères d’une grille : leur poids, leur note la plus haute."), DECISIONS),
            Screen("silencealert", _("Au bout de combien de jours un dossier sans suite change de couleur."), DECISIONS),
            Screen("tag", _("Les étiquettes de couleur que l’on pose sur les dossiers."), DECISIONS),
            Screen("mailtemplate", _("Les courriels envoyés à chaque étape, dans chaque langue."), WORDS),
            Screen("lettertemplate", _("Les lettres d’admission et de refus, dans chaque langue."), WORDS),
            Screen("publictext", _("Le mot de l’établissement à chaque endroit des pages publiques : accueil, aide, mentions…"), WORDS),
            Screen(
                "faqentry", _("Les questions que les candidats posent souvent, et leurs réponses, dans l’ordre de la page d’aide."), WORDS
            ),
            Screen("reminderrule", _("Qui est relancé, de quoi, combien de jours avant la date limite."), WORDS),
            Screen("cannedcomment", _("Les phrases que l’on choisit au lieu de les retaper."), WORDS),
            Screen("centre", _("Les composantes qui reçoivent des candidatures : dates, contact, gestionnaires."), PLACE),
            Screen("commission", _("Qui examine quoi : membres, présidence, signature des lettres."), PLACE),
            Screen("identite", _("Le logo que portent les lettres et les dossiers."), PLACE),
            Screen("bacseries", _("Les séries de baccalauréat proposées dans le profil."), PLACE),
        ),
        index="configurer",
    ),
    Group(
        _("Administrer"),
        (
            Screen("staffmember", _("Les personnes qui travaillent ici : invitez-les, donnez ou retirez leurs droits.")),
            Screen("rightsprofile", _("Des ensembles de droits prêts à donner : gestionnaire, membre de commission…")),
            Screen("grant", _("Qui a quel droit, où : la liste entière, pour vérifier.")),
            Screen("traitements", _("Ce que Postulo fait de lui-même : quand, ce qui a été fait, et le lancer tout de suite.")),
            Screen("batchrun", _("Les traitements automatiques : ce qui a tourné, quand, avec quel résultat.")),
            Screen("auditentry", _("Qui a changé quoi, quand, de quelle valeur à quelle autre.")),
            Screen("parametres", _("Les réglages de l’établissement, chacun avec ses bornes.")),
        ),
    ),
)

SCREENS = {screen.endpoint: (group, screen) for group in GROUPS for screen in group.screens}


def menu(current):
    """Return the menu of the signed-in person: [(title, [(name, address, is current)])]; nothing that would be refused.

    Args:
        current: the view being shown.
    """
    views, shown = _views(current), []
    for group in GROUPS:
        lines = [_line(views[screen.endpoint], current) for screen in group.screens if _is_open(views.get(screen.endpoint))]
        if lines and group.index is not None:
            inside = [line for line in lines if line[2]]
            lines = [_line(views[group.index], current), *inside]
        if lines:
            shown.append((group.title, lines))
    return shown


def index_of(endpoint, current):
    """Return [(part, [(name, address, why)])] of a group that has an index page, for the signed-in person."""
    views, parts = _views(current), {}
    group = next(group for group in GROUPS if group.index == endpoint)
    for screen in group.screens:
        view = views.get(screen.endpoint)
        if _is_open(view):
            parts.setdefault(screen.part, []).append((view.name, f"{view.url}/", screen.why))
    return list(parts.items())


def trail(current):
    """Return [(name, address)] from the first page to the screen shown, which is last; empty on the first page itself."""
    views = _views(current)
    if current.endpoint == "admin":
        return []
    steps = [(views["admin"].name, url_for("admin.index"))]
    group, _screen = SCREENS.get(current.endpoint, (None, None))
    if group is not None and group.index is not None:
        steps.append((views[group.index].name, url_for(f"{group.index}.index")))
    return [*steps, (current.name, f"{current.url}/" if _has_index(current) else None)]


def is_first_page(current):
    """Whether the page shown is the screen's own first page, the one its menu line opens."""
    return request.endpoint in (f"{current.endpoint}.index", f"{current.endpoint}.index_view")


def why(current):
    """Return what the screen is for, or None for one without a line."""
    return SCREENS[current.endpoint][1].why if current.endpoint in SCREENS else None


def _views(current):
    return {view.endpoint: view for view in current.admin._views}


def _is_open(view):
    return view is not None and view.is_accessible()


def _has_index(view):
    return view.endpoint in SCREENS or view.endpoint in ("configurer", "personnes")


def _line(view, current):
    address = url_for("admin.index") if view.endpoint == "admin" else view.url
    return view.name, f"{address.rstrip('/')}/", view is current


def preferences_address():
    """Return the address of one's own preferences, or None while there is no such page."""
    return url_for("preferences.index") if "preferences.index" in current_app.view_functions else None


GLOBALS = {
    "menu_of": menu,
    "trail_of": trail,
    "is_first_page": is_first_page,
    "screen_help": why,
    "preferences_address": preferences_address,
}
