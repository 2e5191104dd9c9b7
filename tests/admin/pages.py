"""Reads the forms of a page as a browser does: what would be sent if the button were pressed at once."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.values, self.select, self.area = [], None, None

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "input":
            self._input(found)
        elif tag == "select":
            self.select, self.chosen = found.get("name"), None
        elif tag == "option" and self.select:
            if self.chosen is None or "selected" in found:
                self.chosen = found.get("value", "")
        elif tag == "textarea":
            self.area, self.text = found.get("name"), ""

    def _input(self, found):
        if found.get("type") in ("checkbox", "radio") and "checked" not in found:
            return
        if found.get("name") and "disabled" not in found:
            self.values.append((found["name"], found.get("value", "on")))

    def handle_data(self, data):
        if self.area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            self.values.append((self.select, self.chosen or ""))
            self.select = None
        if tag == "textarea" and self.area:
            self.values.append((self.area, self.text.removeprefix("\n").removeprefix("\r\n")))
            self.area = None


def form_of(answer, marker='class="card" novalidate'):
    """Return {name: [values]} of the form of a page whose tag holds the marker."""
    start = answer.text.index(marker)
    reader = _Reader()
    reader.feed(answer.text[start : answer.text.index("</form>", start)])
    found = {}
    for name, value in reader.values:
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if name != "csrf_token"}


def seen_of(answer):
    """Return the mark of the dossier that a page shows."""
    return answer.text.split('name="seen" value="')[1].split('"')[0]
