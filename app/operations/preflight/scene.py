"""All that the checks of a campaign look at, read in a fixed number of queries whatever the size of the offer."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app import access, clock
from app.extensions import db
from app.models import (
    Campaign,
    Commission,
    DecisionReason,
    DecisionType,
    FaqEntry,
    Form,
    Formation,
    FormVersion,
    Grant,
    LetterTemplate,
    MailTemplate,
    Offering,
    PublicText,
    ReminderRule,
    RequiredForm,
    RequiredPiece,
    RightsProfile,
    ScoringGrid,
    StaffMember,
)


@dataclass
class Scene:
    """A campaign as it would open now; `offerings` are in the order of their formation's name."""

    campaign: Campaign
    now: object
    offerings: list
    pieces: list
    forms: list
    decision_types: list
    reasons: list
    mails: list
    letters: list
    reminders: list
    texts: list
    questions: list
    grants: list
    unopened: list
    others: list

    @property
    def published(self):
        """The offerings that candidates will see."""
        return [row for row in self.offerings if row.is_published]

    @cached_property
    def commissions(self):
        """The commissions that examine what candidates will see."""
        return list({row.commission_id: row.commission for row in self.published}.values())

    @cached_property
    def centres(self):
        return list({commission.centre_id: commission.centre for commission in self.commissions}.values())

    @property
    def starts_at(self):
        """The first instant at which somebody may apply."""
        return max(self.now, self.campaign.starts_at)

    @property
    def ends_at(self):
        return self.campaign.candidates_end_at or self.campaign.ends_at

    def types_for(self, centre_id, outcome):
        """Return the decision types in service of an outcome that a centre may use."""
        return [kind for kind in self.decision_types if kind.is_active and kind.outcome == outcome and kind.centre_id in (None, centre_id)]

    def holders(self, functionality, commission):
        """Return the people in service who hold a right, in write, over a commission."""
        return [
            grant.staff_member
            for grant in self.grants
            if _is_usable(grant)
            and any(right.functionality == functionality and right.is_write for right in grant.profile.rights)
            and (grant.centre_id in (None, commission.centre_id) and grant.commission_id in (None, commission.id))
        ]

    def members(self, commission):
        return [grant.staff_member for grant in self.grants if _is_usable(grant) and grant.commission_id == commission.id]


def _is_usable(grant):
    return grant.profile.is_active and access.in_service(grant.staff_member)


def of(campaign):
    """Return the `Scene` of a campaign."""
    asked = (RequiredPiece.campaign_id == campaign.id, RequiredPiece.is_active)
    filled = (RequiredForm.campaign_id == campaign.id, RequiredForm.is_active)
    opened = select(Offering.formation_id).where(Offering.campaign_id == campaign.id)
    return Scene(
        campaign=campaign,
        now=clock.now(),
        offerings=_offerings(campaign),
        pieces=_all(RequiredPiece, *asked, options=[*_target(RequiredPiece), joinedload(RequiredPiece.piece_type)]),
        forms=_all(RequiredForm, *filled, options=[*_target(RequiredForm), _form()]),
        decision_types=_all(DecisionType, options=[joinedload(DecisionType.mail_template), joinedload(DecisionType.letter_template)]),
        reasons=_all(DecisionReason, DecisionReason.is_active),
        mails=_all(MailTemplate, MailTemplate.is_active),
        letters=_all(LetterTemplate, LetterTemplate.is_active),
        reminders=_all(
            ReminderRule, ReminderRule.is_active, options=[joinedload(ReminderRule.mail_template), joinedload(ReminderRule.centre)]
        ),
        texts=_all(PublicText, PublicText.is_active),
        questions=_all(FaqEntry, FaqEntry.is_active),
        grants=_grants(),
        unopened=_all(Formation, Formation.is_active, Formation.id.not_in(opened)),
        others=_all(Campaign, Campaign.id != campaign.id, or_(Campaign.is_running, Campaign.activates_at.is_not(None))),
    )


def _all(model, *conditions, options=()):
    return db.session.scalars(select(model).where(*conditions).options(*options).order_by(model.id)).unique().all()


def _offerings(campaign):
    place = joinedload(Offering.commission).joinedload(Commission.centre)
    formation = joinedload(Offering.formation).joinedload(Formation.diploma_type)
    grid = joinedload(Offering.scoring_grid).selectinload(ScoringGrid.criteria)
    chosen = select(Offering).join(Offering.formation).where(Offering.campaign_id == campaign.id)
    return db.session.scalars(
        chosen.options(place, formation, grid, joinedload(Offering.admitted_type)).order_by(Formation.name, Offering.id)
    ).all()


def _target(model):
    return (
        joinedload(model.centre),
        joinedload(model.offering).joinedload(Offering.formation),
        joinedload(model.offering).joinedload(Offering.commission),
    )


def _form():
    return joinedload(RequiredForm.form).selectinload(Form.versions).selectinload(FormVersion.fields)


def _grants():
    profile = joinedload(Grant.profile).selectinload(RightsProfile.rights)
    return _all(Grant, options=[profile, joinedload(Grant.staff_member).joinedload(StaffMember.user)])
