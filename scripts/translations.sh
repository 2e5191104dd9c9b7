#!/bin/sh
# Gathers the sentences of code and templates and brings the English catalogue up to date.
set -eu
cd "$(dirname "$0")/.."
pot=$(mktemp)
.venv/bin/pybabel -q extract -F babel.cfg -k lazy_gettext -k _ -k ngettext:1,2 --no-location --sort-output --project=Postulo --copyright-holder=Postulo -o "$pot" .
mkdir -p app/translations/en/LC_MESSAGES
catalogue=app/translations/en/LC_MESSAGES/messages.po
[ -f "$catalogue" ] || .venv/bin/pybabel -q init -i "$pot" -d app/translations -l en
.venv/bin/pybabel -q update -i "$pot" -d app/translations -l en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
rm -f "$pot"
.venv/bin/pybabel -q compile -d app/translations
