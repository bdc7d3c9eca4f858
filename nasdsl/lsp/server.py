"""The open documents, and what is said of them in an editor's own terms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

import nasdsl
from nasdsl import report
from nasdsl.diagnostics import Diagnostic, Label
from nasdsl.lsp import navigation
from nasdsl.lsp.document import Document
from nasdsl.lsp.positions import Encoding, Positions
from nasdsl.source import SourceFile, Span
from nasdsl.syntax.insertion import Change
from nasdsl.version import VERSION


class Server(LanguageServer):
    """The open documents, each read anew when its text has changed."""

    def __init__(self, ops: Sequence[str] = ()) -> None:
        # Whole texts: they are short, and every editor and this one agree on what they are.
        super().__init__("nasdsl", VERSION, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self._documents: dict[str, Document] = {}
        self._ops = tuple(ops)

    def document(self, uri: str) -> Document:
        text = self.workspace.get_text_document(uri).source
        known = self._documents.get(uri)
        if known is None or known.source.text != text:
            path = to_fs_path(uri) if uri.startswith("file:") else None
            known = Document(text, path or uri, Path(path) if path else None, self._ops)
            self._documents[uri] = known
        return known

    def forget(self, uri: str) -> None:
        self._documents.pop(uri, None)

    def positions(self, source: SourceFile) -> Positions:
        encoding = self.server_capabilities.position_encoding or "utf-16"
        return Positions(source.text, cast(Encoding, str(getattr(encoding, "value", encoding))))

    def at(self, uri: str, position: lsp.Position) -> tuple[Document, int]:
        document = self.document(uri)
        return document, self.positions(document.source).offset(position.line, position.character)

    def range(self, span: Span, source: SourceFile | None = None) -> lsp.Range:
        """The range of a span; offsets of a mended text are those of the text itself, `source`."""
        known = self.positions(source or span.source)
        return lsp.Range(*(lsp.Position(*known.position(at)) for at in (span.start, span.end)))

    def edits(self, document: Document, changes: Iterable[Change]) -> list[lsp.TextEdit]:
        return [lsp.TextEdit(self.range(c.span, document.source), c.text) for c in changes]

    def diagnostic(self, document: Document, d: Diagnostic) -> lsp.Diagnostic:
        """A mistake in an imported file is shown where this text imports it."""
        places = [Label(d.span, d.label)] if d.span is not None else []
        own = next((p for p in (*places, *d.labels) if p.span.source == document.source), None)
        related = [
            lsp.DiagnosticRelatedInformation(self.location(document, place.span), place.message or d.message)
            for place in (*places, *d.labels)
            if place is not own
        ]
        return lsp.Diagnostic(
            range=self.range(own.span if own is not None else Span(document.source, 0, 0)),
            message=report.beside(d),
            severity=lsp.DiagnosticSeverity.Error if d.severity == "error" else lsp.DiagnosticSeverity.Warning,
            code=d.code,
            source="nasdsl",
            code_description=_page(d.code),
            related_information=related or None,
        )

    def location(self, document: Document, span: Span) -> lsp.Location:
        file = navigation.file_of(span.source)
        own = file is None or file == document.source.path
        uri = next(uri for uri, each in self._documents.items() if each is document) if own else from_fs_path(str(file))
        return lsp.Location(str(uri), self.range(span, document.source if own else None))

    async def check(self, uri: str, pause: float = 0.0) -> None:
        """Tell the editor what is wrong with a text, once it has not changed for a moment."""
        text = self.workspace.get_text_document(uri).source
        await asyncio.sleep(pause)
        if uri not in self.workspace.text_documents or self.workspace.get_text_document(uri).source != text:
            return
        document, version = self.document(uri), self.workspace.get_text_document(uri).version
        found = await asyncio.to_thread(lambda: document.problems)
        if uri in self.workspace.text_documents and self.document(uri) is document:
            told = [self.diagnostic(document, d) for d in found[: report.MOST_SHOWN]]
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, told, version))


def _page(code: str) -> lsp.CodeDescription | None:
    """The page that explains a code, where it has one."""
    page = Path(nasdsl.__file__).parent / "pages" / f"{code}.md"
    return lsp.CodeDescription(str(from_fs_path(str(page)))) if page.is_file() else None
