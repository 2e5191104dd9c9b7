"""Many dossiers at once for the tests of faults and the benches: people with an account, each with an opinion to publish."""

from datetime import timedelta

from sqlalchemy import insert

from app import clock
from app.enums import FileStatus, Outcome, Stage
from app.extensions import db
from app.models import Candidate, Candidature, Decision, User


def add(world, count, *, offering=None, stage=Stage.VALIDATED, outcome=Outcome.ADMITTED, status=FileStatus.COMPLETE):
    """Write that many candidatures, and their opinions unless `stage` is None; return their numbers in order."""
    offering, now, start = offering or world.maths, clock.now(), db.session.query(Candidate).count()
    people = [{"last_name": f"Nom{start + n}", "first_name": "Camille", "dossier_number": f"X{start + n:07d}", "search_text": ""} for n in range(count)]
    persons = db.session.scalars(insert(Candidate).returning(Candidate.id, sort_by_parameter_order=True), people).all()
    accounts = [
        {"email": f"x{number}@exemple.fr", "password": world.hashed, "fs_uniquifier": f"x{number}", "confirmed_at": now, "candidate_id": number, "active": True}
        for number in persons
    ]
    db.session.execute(insert(User), accounts)
    sent = now - timedelta(days=1) if status != FileStatus.WAITING else None
    rows = [
        {
            "candidate_id": number, "offering_id": offering.id, "campaign_id": offering.campaign_id, "file_status": status, "file_status_at": now,
            "transmitted_at": sent, "transmission_count": 1 if sent else 0, "search_text": "",
        }
        for number in persons
    ]
    numbers = db.session.scalars(insert(Candidature).returning(Candidature.id, sort_by_parameter_order=True), rows).all()
    if stage is not None:
        kind = world.kinds[outcome].id
        opinions = [{"candidature_id": number, "decision_type_id": kind, "stage": stage, "created_at": now, "validated_at": now} for number in numbers]
        db.session.execute(insert(Decision), opinions)
    db.session.commit()
    return numbers
