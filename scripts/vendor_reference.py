"""Rewrites app/reference/data from three npm packages, so that no commune and no country is ever typed by hand.

In an empty folder: `npm pack @etalab/decoupage-administratif i18n-iso-countries i18n-nationality`, then for each archive
`mkdir NAME && tar xzf NAME.tgz -C NAME`; then `python scripts/vendor_reference.py FOLDER [DESTINATION]`.
"""

import json
import shutil
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "app" / "reference" / "data"
PLACES, COUNTRIES, NATIONALITIES = "etalab-decoupage-administratif", "i18n-iso-countries", "i18n-nationality"
LANGUAGES = ("fr", "en")
KEPT = ("commune-actuelle", "arrondissement-municipal")
SPLIT = {"13055", "69123", "75056"}  # Marseille, Lyon, Paris: their arrondissements are listed
WRONG = {"WF"}  # the package takes the people of Wallis for the Welsh


def main(folder, destination=DATA):
    """Write the three tables, their sources and the licences.

    Args:
        folder: where the unpacked packages stand side by side.
        destination: the folder to write.

    Raises:
        SystemExit: a package is missing, is there twice, or holds a value that the files cannot carry.
    """
    (destination / "LICENSES").mkdir(parents=True, exist_ok=True)
    packages = {name: unpacked(folder, name) for name in (PLACES, COUNTRIES, NATIONALITIES)}
    countries, lacking = country_rows(packages)
    write(destination / "countries.csv", ("code", "name_fr", "name_en", "nationality_fr", "nationality_en"), countries)
    write(destination / "departments.csv", ("code", "name"), department_rows(packages[PLACES]))
    write(destination / "communes.csv", ("code", "name", "department", "postal_codes"), commune_rows(packages[PLACES]))
    versions = {name: read(package, "package.json")["version"] for name, package in packages.items()}
    (destination / "SOURCES.md").write_text(sources(versions, lacking), encoding="utf-8")
    for name, package in packages.items():
        shutil.copyfile(package / "LICENSE", destination / "LICENSES" / f"{name}.txt")


def unpacked(folder, name):
    """Return the folder of an unpacked package, of which there must be one version."""
    found = [path for path in folder.glob(f"{name}-*/package") if path.is_dir()]
    if len(found) != 1:
        raise SystemExit(f"{folder}: {len(found)} unpacked versions of {name}, one is needed")
    return found[0]


def read(package, name):
    """Return the parsed JSON file of a package."""
    return json.loads((package / name).read_text(encoding="utf-8"))


def write(path, header, rows):
    """Write a sorted `;` file, without quotes."""
    for row in rows:
        if any(set(cell) & set(';"\r\n') for cell in row) or not all(row[:3]):
            raise SystemExit(f"{path.name}: {row} cannot be written")
    path.write_text("\n".join([";".join(header), *sorted(map(";".join, rows))]) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(rows)} rows")


def department_rows(package):
    """Return the departments and the overseas collectivities."""
    return [(row["code"], row["nom"]) for row in read(package, "data/departements.json")]


def commune_rows(package):
    """Return today's communes, with the municipal arrondissements in the place of the three communes that they divide."""
    return [
        (row["code"], row["nom"], row.get("departement") or row["collectivite"], " ".join(sorted(row.get("codesPostaux", []))))
        for row in read(package, "data/communes.json")
        if row["type"] in KEPT and row["code"] not in SPLIT
    ]


def country_rows(packages):
    """Return the countries, and the codes of those whose name stands for the nationality."""
    names = {language: read(packages[COUNTRIES], f"langs/{language}.json")["countries"] for language in LANGUAGES}
    given = {language: read(packages[NATIONALITIES], f"langs/{language}.json")["nationalities"] for language in LANGUAGES}
    lacking = sorted(code for code in names["fr"] if code in WRONG or not all(given[language].get(code) for language in LANGUAGES))
    nationalities = {language: names[language] | {c: v for c, v in given[language].items() if c not in lacking} for language in LANGUAGES}
    tables = (names["fr"], names["en"], nationalities["fr"], nationalities["en"])
    return [(code, *(first(table[code]) for table in tables)) for code in names["fr"]], lacking


def first(name):
    """Return the first of several names."""
    return name[0] if isinstance(name, list) else name


def sources(versions, lacking):
    """Return the text of SOURCES.md."""
    return f"""# Reference data

| file | package and version | licence | origin of the data |
|---|---|---|---|
| `countries.csv` (names) | i18n-iso-countries {versions[COUNTRIES]} | MIT | ISO 3166-1, with XK (Kosovo), a user-assigned code |
| `countries.csv` (nationalities) | i18n-nationality {versions[NATIONALITIES]} | MIT | the package |
| `departments.csv`, `communes.csv` | @etalab/decoupage-administratif {versions[PLACES]} | code MIT, data Licence Ouverte | INSEE (code officiel géographique), La Poste (base officielle des codes postaux) |
| `bac_series.csv`, `bac_mentions.csv` | none: written here | that of the project | public facts: series and mentions of the French baccalauréat |

- **Nationalities.** Where the package lacks one in a language, or gives a wrong one ({", ".join(sorted(WRONG))}), the country's name stands for it in
  both languages: {", ".join(lacking)}. For some territories the package itself gives the name of the place.
- **Communes.** Today's ones, overseas included; the municipal arrondissements stand for Paris, Lyon and Marseille. Communes without
  postal code are uninhabited. The overseas collectivities are in `departments.csv` under their own code.
- **Series.** `valid_from` and `valid_to` are the first and last year of award, both included; an empty one means no limit, also where the
  year could not be established: nobody must be refused a true diploma.
- **Licences.** The text of each package's licence is in `LICENSES/`. The Licence Ouverte (etalab.gouv.fr/licence-ouverte-open-licence) asks to name
  the source and its date: INSEE and La Poste, in the version of the package above.
- **To refresh** the first three files and this one: the head of `scripts/vendor_reference.py` says how. Then `app.reference.load`
  (called by `flask demo seed`, so by `make run`) brings the tables up to date; a code that has disappeared stays, because a profile may point to it.
"""


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
