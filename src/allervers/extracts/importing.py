"""The import of one partner's file: checked, pseudonymised, written whole with its line in the register, or not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from allervers.extracts.allowance import Allowance
from allervers.extracts.batches import Limits, ParsedBatch, Reading
from allervers.extracts.canonical_files import REJECTS_FILE, CanonicalFiles, merged_counts
from allervers.extracts.formats import Format, format_named
from allervers.extracts.mapping import DEFAULT_MAPPING, PartnerMapping, check_partner
from allervers.extracts.register import ImportRow, check_exchange, retained_until
from allervers.extracts.rows import RowProblem
from allervers.extracts.store import Store
from allervers.foundation.ahead import read_ahead
from allervers.foundation.errors import InvalidInput, NotFound
from allervers.foundation.files import copied, folder_written_whole, sha256_of

SHOWN_PROBLEMS = 10
MAX_ERROR_SHARE = 0.05
FEW_REJECTIONS = 3
"""Rejected rows that do not stop a small file, when they are no more than a quarter of its rows."""


@dataclass(slots=True)
class ImportReport:
    """What an import did. `status`: done, dry_run or already_imported.

    `read`, `kept`, `rejected`: rows of the file (dossiers for the RSA flow). `reasons`: problems by reason;
    `warnings`: notes by code, rows kept; `problems`: the first ones, values masked; `ignored`: columns of the file not
    used; `tables`: rows by canonical table; `opposed`: persons left out because they object.
    """

    import_id: str | None
    status: str
    sha256: str
    bytes: int
    retention_on: date
    read: int = 0
    kept: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    tables: dict[str, int] = field(default_factory=dict)
    opposed: int = 0
    superseded: str | None = None

    def take(self, batch: ParsedBatch) -> None:
        """Add the counts of a batch."""
        self.read += batch.read
        self.rejected += batch.rejected
        self.kept = self.read - self.rejected
        self.ignored = batch.ignored or self.ignored
        merged_counts(self.warnings, batch.warnings)
        if batch.problems.height:
            refused = batch.problems.filter(pl.col("rejet"))
            merged_counts(self.reasons, dict(refused["motif"].value_counts().iter_rows()))
            rejecting = refused.head(SHOWN_PROBLEMS - len(self.problems))
            self.problems += [RowProblem(*row[:4]) for row in rejecting.iter_rows()]


def import_file(
    *,
    path: Path,
    format_name: str,
    partner: str,
    convention: str,
    purpose: str,
    reference_on: date,
    store: Store,
    mapping: PartnerMapping | None = None,
    now: datetime,
    dry_run: bool = False,
    max_error_share: float = MAX_ERROR_SHARE,
    retention_on: date | None = None,
    limits: Limits | None = None,
    allowance: Allowance | None = None,
    told: Callable[[int], None] | None = None,
    rejects_to: Path | None = None,
) -> ImportReport:
    """Import a partner's file into a store.

    The same file with the same parameters, already in force, changes nothing; another file for the same format, partner
    and reference date supersedes the former. A dry run reads and checks everything, and keeps nothing.

    now: with its time zone. retention_on: 12 months after `reference_on` at most (the default). allowance: what the
    agreement lets in (all, by default). told: given the rows read so far; what it raises stops the import. rejects_to:
    where to leave the list of problems, also when the import is refused.
    raises: InvalidInput (file, header, mapping, more than `max_error_share` of wrong rows), Refused (no convention,
    purpose, retention, plain hashes), NotFound, Unavailable (another import is under way). The store is then as before,
    but for a line of the register that says that the import failed.
    """
    known = format_named(format_name)
    mapping = mapping or DEFAULT_MAPPING
    check_exchange(partner, convention, purpose)
    check_partner(mapping, partner)
    if not 0 <= max_error_share < 1:
        raise InvalidInput("La part d'erreurs admise est un nombre de 0 à 1, 1 exclu.")
    retained = retained_until(reference_on, retention_on, _day_of(now))
    reading = Reading(reference_on, now.date(), limits or Limits())
    _check_size(path, reading.limits)
    with store.alone():
        row = ImportRow(
            import_id=store.register.next_id(format_name, partner, reference_on),
            format=format_name, partner=partner, sha256=sha256_of(path), bytes=path.stat().st_size,
            parameters=_parameters(mapping, allowance), purpose=purpose, convention=convention.strip(),
            reference_on=reference_on, retention_on=retained, imported_at=now,
        )  # fmt: skip
        work = _Import(store, known, path, mapping, reading, row, max_error_share, allowance, told, rejects_to)
        return work.rehearse() if dry_run else work.run()


def _parameters(mapping: PartnerMapping, allowance: Allowance | None) -> str:
    """Fingerprint of what an import depends on beside its file."""
    let_in = "" if allowance is None else allowance.fingerprint
    return f"{mapping.fingerprint}+{let_in}" if let_in else mapping.fingerprint


def _day_of(now: datetime) -> date:
    if now.tzinfo is None:
        raise InvalidInput("Instant sans fuseau horaire.")
    return now.date()


def _check_size(path: Path, limits: Limits) -> None:
    if not path.is_file():
        raise NotFound("Ce fichier n'existe pas.", file=path.name)
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise InvalidInput(f"Le fichier est trop gros : {size} octets, {limits.file_bytes} admis.", file=path.name)


@dataclass(frozen=True, slots=True)
class _Import:
    """An import that has been admitted: its file is still to be read."""

    store: Store
    format: Format
    path: Path
    mapping: PartnerMapping
    reading: Reading
    row: ImportRow
    max_error_share: float
    allowance: Allowance | None
    told: Callable[[int], None] | None
    rejects_to: Path | None

    def run(self) -> ImportReport:
        """Import for good. Order: rows in their folder, identities committed, then the line of the register.

        Cut between two steps, what was written is not in force and is cleared at the next start.
        """
        former = self.store.register.current(self.row.format, self.row.partner, self.row.reference_on)
        if former is not None and _same(former, self.row):
            return self._report("already_imported", former)
        register, report = self.store.register, self._report("done", self.row)
        register.begin(self.row)
        try:
            with self.store.vault.transaction(), self._folder() as folder:
                self._write(folder, report)
        except BaseException:
            register.fail(self.row.import_id, read=report.read, rejected=report.rejected)
            self.store.clear()
            raise
        report.superseded = register.complete(
            self.row.import_id, read=report.read, kept=report.kept, rejected=report.rejected
        )
        self.store.clear()
        return report

    def rehearse(self) -> ImportReport:
        """Do all but keep: the vault's writes are undone, the folder is removed, the register has no line."""
        report = self._report("dry_run", self.row)
        report.import_id = None
        try:
            with self.store.vault.transaction(dry_run=True), self._folder() as folder:
                self._write(folder, report)
        finally:
            self.store.clear()
        return report

    def _folder(self) -> AbstractContextManager[Path]:
        return folder_written_whole(self.store.import_folder(self.row.import_id))

    def _report(self, status: str, row: ImportRow) -> ImportReport:
        return ImportReport(
            row.import_id, status, row.sha256, row.bytes, row.retention_on, row.rows_read, row.rows_kept,
            row.rows_rejected,
        )  # fmt: skip

    def _write(self, folder: Path, report: ImportReport) -> None:
        before = _state(self.path)
        try:
            with CanonicalFiles(folder, self.store.vault, self.row.partner) as files:
                for batch in self._batches():
                    report.take(batch)
                    files.add(batch)
                    self._check_share(report)
                    if self.told is not None:
                        self.told(report.read)
                self._check_whole(report)
                files.settle()
                report.tables, report.opposed = files.rows, files.opposed
        finally:
            if self.rejects_to is not None:
                copied(folder / REJECTS_FILE, self.rejects_to)
        if _state(self.path) != before:
            raise InvalidInput("Le fichier a changé pendant sa lecture.", file=self.path.name)

    def _batches(self) -> Iterator[ParsedBatch]:
        batches = self.format.read(self.path, self.mapping, self.reading)
        return read_ahead(batches if self.allowance is None else map(self.allowance.apply, batches))

    def _check_share(self, report: ImportReport) -> None:
        """Stop above the share of wrong rows: at the end, or at once on a full batch."""
        if report.rejected > self.max_error_share * report.read and report.read >= self.reading.limits.batch_rows:
            raise _too_many(report, self.max_error_share)

    def _check_whole(self, report: ImportReport) -> None:
        if report.read == 0:
            raise InvalidInput("Le fichier n'a aucune ligne de données.", file=self.path.name)
        # In a file of some tens of rows a single wrong one is above the share: a few are let through, never a quarter.
        few = min(FEW_REJECTIONS, report.read // 4) if self.max_error_share > 0 else 0
        if report.rejected > max(few, self.max_error_share * report.read):
            raise _too_many(report, self.max_error_share)


def _same(former: ImportRow, row: ImportRow) -> bool:
    names = ("sha256", "parameters", "purpose", "convention", "retention_on")
    return all(getattr(former, name) == getattr(row, name) for name in names)


def _state(path: Path) -> tuple[int, int]:
    state = os.stat(path)
    return state.st_size, state.st_mtime_ns


def _too_many(report: ImportReport, share: float) -> InvalidInput:
    counts = sorted(report.reasons.items(), key=lambda one: -one[1])
    by_reason = ", ".join(f"{reason} {count}" for reason, count in counts[:8])
    first = " ; ".join(f"ligne {p.line}, {p.column or 'ligne entière'} : {p.message}" for p in report.problems[:5])
    return InvalidInput(
        f"Import arrêté : {report.rejected} lignes refusées sur {report.read} lues, plus que la part admise "
        f"({share:.1%}). Motifs : {by_reason}. Premières : {first}.",
        read=report.read,
        rejected=report.rejected,
        reasons=dict(counts),
    )
