"""Rows are put in order by dragging and by keyboard alone; the order is kept, and the person stays on the row that moved."""

import pytest

from tests.browser.conftest import manager

pytestmark = pytest.mark.browser
PIECES = "/gestion/requiredpiece/"


def order_of(page):
    """Return the numbers of the rows shown, in their order, of the group of the first one."""
    rows = page.locator("[data-ordered] [data-row]")
    groups = rows.evaluate_all("rows => rows.map(row => [row.dataset.group, row.dataset.row])")
    return [number for group, number in groups if group == groups[0][0]]


def test_a_row_is_dragged_and_brought_back_by_keyboard(visit):
    page = manager(visit, "configuration")
    page.goto(PIECES)
    before = order_of(page)
    assert len(before) >= 2
    first, second = before[:2]
    with page.expect_navigation():
        page.locator(f"[data-row='{first}']").drag_to(page.locator(f"[data-row='{second}']"), target_position={"x": 60, "y": page.locator(f"[data-row='{second}']").bounding_box()["height"] - 4})
    assert order_of(page)[:2] == [second, first]
    page.goto(PIECES)
    assert order_of(page)[:2] == [second, first]
    page.locator(f"#ordre-{first} button[value^=before]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert order_of(page) == before
    page.wait_for_function(f"document.activeElement.closest('form')?.id === 'ordre-{first}'")
    page.goto(PIECES)
    assert order_of(page) == before
