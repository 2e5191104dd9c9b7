"""What the invented people of a crowd have besides a name: an account, a profile, files deposited and looked at."""

import io
import os
import secrets
from datetime import date, timedelta

import pikepdf
from sqlalchemy import insert, select

from app.enums import CheckState, Civility, PieceStatus
from app.extensions import db
from app.models import Baccalaureat, BacSeries, Deposit, FileVersion, PieceType, RequiredPiece, SubmittedPiece, User
from app.storage import vault

MARK = "crowd-"  # begins what tells their accounts from others
PIECES = 2  # pieces given by each person, at most
GIVEN = {"RECEIVED": PieceStatus.SUBMITTED, "INCOMPLETE": PieceStatus.REFUSED, "COMPLETE": PieceStatus.VALIDATED}


def profile(chance, number):
    """Return the profile of an invented person, as columns of `Candidate`."""
    return {
        "civility": chance.choice(list(Civility)),
        "birth_on": date(2000, 1, 1) + timedelta(days=chance.randint(0, 3000)),
        "birth_country_code": "FR",
        "nationality_code": chance.choice(("FR", "FR", "FR", "FR", "BE", "MA", "CN")),
        "phone": f"06 {chance.randint(10, 99)} {chance.randint(10, 99)} {chance.randint(10, 99)} {chance.randint(10, 99)}",
    }


def email(number):
    """Return the address of an invented person, by his dossier number."""
    return f"{number.lower()}@exemple.fr"


class Details:
    """Writes accounts, diplomas and pieces beside the candidatures of a chunk."""

    def __init__(self, campaign_id, chance, now, *, has_files):
        self.chance, self.now, self.has_files = chance, now, has_files
        self.series = db.session.scalars(select(BacSeries.code)).all()
        everywhere = (RequiredPiece.centre_id.is_(None), RequiredPiece.offering_id.is_(None), RequiredPiece.access_track.is_(None))
        wanted = select(RequiredPiece.id, PieceType.id).join(RequiredPiece.piece_type)
        wanted = wanted.where(
            RequiredPiece.campaign_id == campaign_id, *everywhere, PieceType.is_shared, PieceType.is_conditional.is_(False)
        )
        self.asked = db.session.execute(wanted.order_by(RequiredPiece.position).limit(PIECES)).tuples().all()
        self.sample = None

    def accounts(self, people):
        """Write the account and diploma of each (candidate id, dossier number)."""
        rows = [{"email": email(number), "fs_uniquifier": f"{MARK}{number}", "candidate_id": key} for key, number in people]
        db.session.execute(insert(User), [{**row, "confirmed_at": self.now, "created_at": self.now} for row in rows])
        if self.series:
            made = [{"candidate_id": key, "series_code": self.chance.choice(self.series), "year": 2026} for key, _number in people]
            db.session.execute(insert(Baccalaureat.__table__), [{**row, "source": "TYPED", "version": 1} for row in made])

    def pieces(self, candidatures):
        """Write the files of each person who has transmitted, and what was said of them in each candidature.

        Args:
            candidatures: (candidature id, candidate id, file status) of a chunk.
        """
        given = [each for each in candidatures if each[2] in GIVEN]
        owners = list(dict.fromkeys(candidate for _number, candidate, _status in given))
        for required_id, type_id in self.asked:
            rows = [{"candidate_id": candidate, "piece_type_id": type_id} for candidate in owners]
            deposits = self._inserted(Deposit, rows)
            versions = dict(zip(owners, self._inserted(FileVersion, [self._version(number) for number in deposits]), strict=True))
            pieces = [
                {
                    "candidature_id": number,
                    "required_piece_id": required_id,
                    "file_version_id": versions[candidate],
                    "status": GIVEN[status],
                }
                for number, candidate, status in given
            ]
            if pieces:
                db.session.execute(insert(SubmittedPiece), pieces)

    def _inserted(self, model, rows):
        return db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows).all() if rows else []

    def _version(self, deposit_id):
        key, size, digest = self._file()
        return {
            "deposit_id": deposit_id,
            "number": 1,
            "created_at": self.now,
            "original_name": "document.pdf",
            "size": size,
            "sha256": digest,
            "check_state": CheckState.SAFE,
            "checked_at": self.now,
            "served_key": key,
            "served_sha256": digest,
            "served_size": size,
            "media_type": "application/pdf",
            "page_count": 1,
        }

    def _file(self):
        """Return (key, size, SHA-256) of one more copy of a blank page; of no file at all for measures."""
        if not self.has_files:
            return secrets.token_hex(16), 1000, "0" * 64
        if self.sample is None:
            page = io.BytesIO()
            document = pikepdf.new()
            document.add_blank_page(page_size=(595, 842))
            document.save(page)
            self.sample = vault().put(io.BytesIO(page.getvalue()), limit=100_000)
        key = secrets.token_hex(16)
        path = vault().path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.link(vault().path(self.sample.key), path)
        return key, self.sample.size, self.sample.sha256
