from clinic.imports import breeds
from clinic.imports.accounting import import_rows
from clinic.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import a list of breeds: the FCI's dogs (CSV) or the Vertebrate Breed Ontology's cats (TSV)."

    def handle(self, *, file, refused, **options):
        with self.importing(file, refused, self.lines(file)) as (account, progress):
            source, rows = breeds.read(file)
            import_rows(rows, breeds.build(source), source=f"breeds.{source}", account=account, progress=progress)
