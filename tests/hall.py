"""A formation with few seats and a complementary list, filled by the real operations in a few words."""

from app.enums import Outcome
from app.extensions import db
from app.models import Promotion
from app.operations import candidatures, decisions
from app.ranks import in_order


class Hall:
    """One offering and the candidatures to it, each by a person of its own."""

    def __init__(self, world, offering, *, capacity=None, people=(), manager=None):
        self.world, self.offering, self.manager = world, offering, manager or world.charlie
        offering.capacity = capacity
        self.people = list(people)
        self.of = {}

    @classmethod
    def with_people(cls, world, count, *, capacity=None):
        people = [world.candidate(f"p{number}", f"Prénom{number}", f"Nom{number}") for number in range(count)]
        db.session.commit()
        return cls(world, world.maths, capacity=capacity, people=people)

    def candidature(self, number):
        if number not in self.of:
            self.of[number] = candidatures.create(self.people[number].candidate, self.offering, actor=self.people[number])
            db.session.commit()
        return self.of[number]

    def decide(self, number, outcome, rank=None):
        row = self.candidature(number)
        decisions.propose(row, self.world.kinds[outcome], actor=self.manager, rank=rank, reason=self.world.refusal)
        decisions.validate(row, actor=self.manager)
        decisions.publish(row, actor=self.manager)
        db.session.commit()
        return row

    def admit(self, *numbers):
        return [self.decide(number, Outcome.ADMITTED) for number in numbers]

    def list_up(self, ranks):
        """Publish the complementary list: {person: rank}."""
        return [self.decide(number, Outcome.WAITLISTED, rank) for number, rank in ranks.items()]

    def refuse(self, number):
        return self.decide(number, Outcome.REFUSED)

    def withdraw(self, number):
        candidatures.withdraw(self.candidature(number), actor=self.people[number])
        db.session.commit()

    def waiting(self):
        """Return the persons still on the list, in order."""
        numbers = {row.id: number for number, row in self.of.items()}
        return [numbers[row.id] for row in db.session.scalars(in_order(self.offering.id))]

    def promotions(self):
        return db.session.scalars(db.select(Promotion).where(Promotion.offering_id == self.offering.id).order_by(Promotion.id)).all()
