from clinic.imports import seattle
from clinic.imports.accounting import import_rows
from clinic.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Import pets from the City of Seattle's register (issue_date,pet_name,species,breed)."

    def handle(self, *, file, refused, **options):
        with self.importing(file, refused, seattle.read) as (rows, account, progress):
            import_rows(rows, seattle.build, source=seattle.SOURCE, account=account, progress=progress)
