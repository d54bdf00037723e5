from clinic.imports import breeds
from clinic.imports.accounting import import_rows
from clinic.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import a list of breeds: the FCI's dogs (CSV) or the Vertebrate Breed Ontology's cats (TSV)."

    def handle(self, *, file, refused, **options):
        with self.importing(file, refused, breeds.read) as ((register, rows), account, progress):
            build, source = breeds.build(register), f"breeds.{register}"
            import_rows(rows, build, source=source, account=account, progress=progress)
