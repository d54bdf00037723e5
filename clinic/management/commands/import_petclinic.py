from clinic.imports import petclinic
from clinic.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import owners, pets, vets and visits from the Spring Petclinic sample's SQL file. Nothing of it is run."

    def handle(self, *, file, refused, **options):
        with self.importing(file, refused, petclinic.read) as (tables, account, progress):
            sample = petclinic.Petclinic(tables, account, progress)
            sample.run()
        self.stdout.write(f"{sample.references} more rows said how these belong together.")
