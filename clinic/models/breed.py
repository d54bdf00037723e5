from django.db import models
from django.utils.translation import gettext_lazy as _


class Breed(models.Model):
    """A breed that forms suggest, from a public register. `pet.breed` takes any text."""

    species = models.CharField(_("species"), max_length=50)
    name = models.CharField(_("name"), max_length=100)
    source = models.CharField(_("register"), max_length=20)

    class Meta:
        db_table = "breed"
        verbose_name = _("breed")
        verbose_name_plural = _("breeds")
        constraints = [models.UniqueConstraint(fields=["species", "name"], name="breed_is_listed_once")]

    def __str__(self) -> str:
        return self.name
