"""A second button on a form, which shows what would be kept and keeps nothing; it needs no script."""

from flask import request

from app.admin.base import ManagedView


class PreviewedView(ManagedView):
    """A screen whose form is looked at before it is saved: `preview_of` says what is shown below it."""

    edit_template = create_template = "admin/gestion/previewed.html"

    def create_model(self, form):
        return False if _is_look(form) else super().create_model(form)

    def update_model(self, form, model):
        return False if _is_look(form) else super().update_model(form, model)

    def preview_of(self, values, model=None):
        """Return what the template shows of a row.

        Args:
            values: {column: value}, kept or as typed.
            model: the row, once there is one.
        """
        raise NotImplementedError

    def render(self, template, **kwargs):
        form, model = kwargs.get("form"), kwargs.get("model")
        if getattr(form, "is_look", False):
            kwargs["preview"] = self.preview_of({name: field.data for name, field in form._fields.items()}, model)
        elif model is not None and (form is None or request.method == "GET"):
            kwargs["preview"] = self.preview_of({name: getattr(model, name) for name in self.form_columns}, model)
        return super().render(template, is_look=getattr(form, "is_look", False), **kwargs)


def _is_look(form):
    form.is_look = "preview" in request.form
    if form.is_look:
        form.answer_with = 200
    return form.is_look
