"""Every operational act as a command: one call to an operation, one commit, plain sentences, an exit code."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock, formats, journal, reference, tasks  # noqa: F401 -- tasks: declares the scheduled jobs
from app.errors import DomainError
from app.extensions import db
from app.notifications import outbox
from app.operations import audit as changes
from app.operations import batches, checks, demonstration, offer, offer_import, search_index, staff
from app.operations.demonstration import crowd
from app.reference import reminders, rights

MOST_FILES = 5000  # candidatures of a crowd whose pieces are real files


def init_cli(app):
    """Add the commands to `flask`."""
    for group in (reference_group, demo, formations, candidatures_group, files, outbox_group, batch, audit, user):
        app.cli.add_command(group)


reference_group = AppGroup("reference", help="Reference data and the rights profiles to start with.")
demo = AppGroup("demo", help="The demonstration.")
formations = AppGroup("formations", help="The offer of formations.")
candidatures_group = AppGroup("candidatures", help="The candidatures.")
files = AppGroup("files", help="The deposited files.")
outbox_group = AppGroup("outbox", help="Messages to send.")
batch = AppGroup("batch", help="Scheduled jobs.")
audit = AppGroup("audit", help="The journal.")
user = AppGroup("user", help="Accounts of people.")


@reference_group.command("load")
def reference_load():
    """Bring the reference tables to what is shipped, and add the rights profiles that are not there yet."""
    changed = {**reference.load(db.session), "rights_profile": rights.load(db.session), "reminder_rule": reminders.load(db.session)}
    db.session.commit()
    for table, count in changed.items():
        click.echo(f"{table:<16} {count} added or changed")


@demo.command("seed")
@click.option("--candidatures", type=click.IntRange(0, 1_000_000), default=0, help="Add that many more, in bulk.")
def demo_seed(candidatures):
    """Fill an empty installation with the demonstration (never in production)."""
    if current_app.config["SETTINGS"].is_production:
        raise click.ClickException("The demonstration is refused in production (PUBLIC_URL in https).")
    added = demonstration.seed()
    db.session.commit()
    if candidatures:
        _add_crowd(candidatures)
    click.echo("Demonstration ready." if added else "Demonstration already there.")
    for email, secret, words in demonstration.people():
        click.echo(f"  {email:<45} {secret:<26} {words}")


def _add_crowd(count):
    with click.progressbar(length=count, label="Candidatures") as bar:
        try:
            crowd.add(count, said=lambda done: bar.update(done - bar.pos), has_files=count <= MOST_FILES)
        except DomainError as error:
            raise click.ClickException(str(error)) from error


@formations.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--campaign", help="Code of the campaign to open them in.")
@click.option("--establishment", help="Only the rows whose establishment contains these words.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, line by line, and change nothing.")
def import_formations(file, campaign, establishment, dry_run):
    """Import a CSV or XLSX of formations; each refused row is told with its line and its reason."""
    try:
        target = offer_import.campaign_of(campaign) if campaign else None
        carry = offer_import.look if dry_run else offer_import.import_rows
        report = carry(offer_import.read(file.read_bytes()), target, establishment=establishment)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, {len(report.refused)} refused.")
    for line, code, told in report.changes if dry_run else ():
        click.echo(f"  line {line}: {code}: " + ", ".join(f"{name} {before!r} -> {after!r}" for name, before, after in told))
    for line, reason in report.refused:
        click.echo(f"  line {line}: {reason}")
    raise SystemExit(1 if report.refused else 0)


@formations.command("reindex")
def reindex_formations():
    """Write again what the filter of the offer searches (after a change of its rules)."""
    changed = offer.rebuild_search_texts()
    db.session.commit()
    click.echo(f"{changed} search texts changed.")


@candidatures_group.command("reindex")
def reindex_candidatures():
    """Write again what the search of candidatures looks in, chunk by chunk (after a bulk load or a change of its rules)."""
    last, total = 0, 0
    while last is not None:
        last, changed = search_index.rebuild(last)
        total += changed
        db.session.commit()
    click.echo(f"{total} search texts changed.")


@files.command("check-again")
def files_check_again():
    """Give the files set aside, whose check never came to its end, their tries again."""
    count = checks.check_again()
    db.session.commit()
    click.echo(f"{count} files to check again.")


@outbox_group.command("sweep")
def outbox_sweep():
    """Send every message that is due."""
    click.echo(f"{outbox.sweep()} sent.")


@batch.command("list")
def batch_list():
    """List the scheduled jobs."""
    now = clock.now()
    for job in batches.BATCHES.values():
        following = batches.next_of(batches.schedule_of(job), now)
        click.echo(f"{job.name:<16} {formats.brief(following) or 'out of service':<16}  {job.title}")


@batch.command("run")
@click.argument("name")
def batch_run(name):
    """Run a job now."""
    try:
        run = batches.run(name)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    if run is None:
        raise click.ClickException(f"{name} is already running.")
    click.echo(f"{name}: {run.state}, {run.done_count} done.")
    raise SystemExit(0 if run.state == "DONE" else 1)


@audit.command("verify")
def audit_verify():
    """Check the history of every candidature and the journal of changes; exit 1 and name the broken rows."""
    checked, broken = journal.verify_all()
    click.echo(f"{checked} candidatures checked, {len(broken)} broken.")
    entries, faults = changes.verify()
    click.echo(f"{entries} journal entries checked, {len(faults)} broken.")
    broken += faults
    for sentence in broken:
        click.echo(f"  {sentence}")
    raise SystemExit(1 if broken else 0)


@user.command("create")
@click.option("--email", required=True)
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--profile", required=True, help="Code of a rights profile.")
@click.option("--centre", help="Code of the centre it is limited to.")
@click.option("--commission", help="Code of the commission it is limited to.")
@click.password_option()
def user_create(email, first_name, last_name, profile, centre, commission, password):
    """Create a staff account with a rights profile on everything, a centre, or a commission."""
    try:
        made = staff.create(
            email=email,
            first_name=first_name,
            last_name=last_name,
            password=password,
            profile=profile,
            centre=centre,
            commission=commission,
        )
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{made.email} created.")
