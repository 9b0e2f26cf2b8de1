"""The use cases of what is kept: of a person, to hand out or delete; the journal, to archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot.bootstrap.defaults import default
from copilot.bootstrap.parts import Parts
from copilot.ports import JournalArchive, JournalRows, KeptOf

if TYPE_CHECKING:
    from copilot.triggers.archiving import ArchiveJournal, LookAtArchive
    from copilot.triggers.deleting import DeleteKept, OfWhom


class Keeping(Parts):
    @default
    def of_whom(self) -> OfWhom:
        from copilot.triggers.deleting import OfWhom

        return OfWhom(self.kept_of, self.policy)

    @default
    def kept_of(self) -> KeptOf:
        return self.installation.records(self.configuration().tenant).kept_of

    @default
    def delete_kept(self) -> DeleteKept:
        from copilot.triggers.deleting import DeleteKept

        parts = (self.store, self.watches, self.chat_links, lambda: self.schedules)
        return DeleteKept(self.of_whom, *parts, self.configuration(), self.clock)

    # the journal

    @default
    def archive_journal(self) -> ArchiveJournal:
        from copilot.triggers.archiving import ArchiveJournal

        config = self.configuration()
        return ArchiveJournal(*self._journal, config.retention, config.tenant, self.clock)

    @default
    def look_at_archive(self) -> LookAtArchive:
        from copilot.triggers.archiving import LookAtArchive

        return LookAtArchive(*self._journal, self.configuration().retention, self.clock)

    @property
    def _journal(self) -> tuple[JournalRows, JournalArchive]:
        records = self.installation.records(self.configuration().tenant)
        return records.journal_rows, records.journal_archive(self.installation.told["ARCHIVE"])
