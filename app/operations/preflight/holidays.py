"""The days on which nobody answers the telephone: Saturdays, Sundays and the public holidays of France."""

from datetime import date, timedelta
from functools import cache

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # (month, day)
AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday
SATURDAY = 5


@cache
def easter(year):
    """Return Easter Sunday of a year of the Gregorian calendar (Oudin's method)."""
    century, golden = year // 100, year % 19
    moon = (century - century // 4 - (century - (century - 17) // 25) // 3 + 19 * golden + 15) % 30
    moon -= moon // 28 * (1 - moon // 28 * (29 // (moon + 1)) * ((21 - golden) // 11))
    sunday = moon - (year + year // 4 + moon + 2 - century + century // 4) % 7
    month = 3 + (sunday + 40) // 44
    return date(year, month, sunday + 28 - 31 * (month // 4))


def is_closed(day):
    """Whether the offices of a French university are closed on a day."""
    moving = (easter(day.year) + timedelta(days=shift) for shift in AFTER_EASTER)
    return day.weekday() >= SATURDAY or (day.month, day.day) in FIXED or day in moving
