"""How forms look: one template for every field."""

from django.forms.renderers import TemplatesSetting


class FieldRenderer(TemplatesSetting):
    form_template_name = "ui/_form.html"
    field_template_name = "ui/_field.html"
