"""What would happen if offers were refused: pure functions, nothing read and nothing written."""


def places(refused, *, free, pending):
    """Return how many persons refusals would call.

    Args:
        refused: offers refused, one place freed each.
        free: seats not taken now (may be negative); None without a number of places: one refusal is then one call.
        pending: places proposed already, to a manager who has not decided.
    """
    if free is None:
        return refused
    return max(0, min(refused, free + refused - pending))


def called(refused, *, offers, free, pending, listed):
    """Return who would be called if some of the offers now out were refused, in order.

    Args:
        refused: how many would be; brought between 0 and the number of offers.
        offers: how many are out.
        listed: persons waiting, first to be called first; the first `pending` have a place proposed already.
    """
    refused = min(max(refused, 0), offers)
    return listed[pending : pending + places(refused, free=free, pending=pending)]


def table(*, offers, free, pending, listed):
    """Return [(offers refused, how many persons would be called, the last of them or None)] for 1 refusal to all of them.

    Refusals that would call nobody more than the line before are left out, but for the last one.
    """
    rows = []
    for refused in range(1, offers + 1):
        found = called(refused, offers=offers, free=free, pending=pending, listed=listed)
        if refused == offers or not rows or len(found) != rows[-1][1]:
            rows.append((refused, len(found), found[-1] if found else None))
    return rows
