from clinic.imports.petclinic import Petclinic
from clinic.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import owners, pets, vets and visits from the Spring Petclinic sample's SQL file. Nothing of it is run."

    def handle(self, *, file, refused, **options):
        with self.importing(file, refused, self.lines(file)) as (account, progress):
            sample = Petclinic(file, account, progress)
            sample.run()
        self.stdout.write(f"{sample.references} more rows said how these belong together.")
