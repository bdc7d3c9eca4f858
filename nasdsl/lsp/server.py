"""The protocol: what an editor asks, handed to the capabilities, and their answers in its own terms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final, cast

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

import nasdsl
from nasdsl import report
from nasdsl.diagnostics import Diagnostic
from nasdsl.lsp import actions, completion, formatting, hover, navigation, outline, rename
from nasdsl.lsp.document import Document
from nasdsl.lsp.positions import Encoding, Positions
from nasdsl.source import SourceFile, Span
from nasdsl.syntax.insertion import Change
from nasdsl.version import VERSION

# Seconds of silence before a text that is being typed is checked.
PAUSE: Final = 0.15

_KINDS: Final = {
    "keyword": lsp.CompletionItemKind.Keyword, "operation": lsp.CompletionItemKind.Function,
    "cell": lsp.CompletionItemKind.Class, "value": lsp.CompletionItemKind.Variable,
    "number": lsp.CompletionItemKind.Constant, "list": lsp.CompletionItemKind.Enum,
    "argument": lsp.CompletionItemKind.Field, "module": lsp.CompletionItemKind.Module,
    "net": lsp.CompletionItemKind.Class,
}  # fmt: skip
_SYMBOLS: Final = {
    "param": lsp.SymbolKind.Constant, "hyper": lsp.SymbolKind.Constant, "let": lsp.SymbolKind.Variable,
    "ops": lsp.SymbolKind.Enum, "cell": lsp.SymbolKind.Class, "motif": lsp.SymbolKind.Class,
    "block": lsp.SymbolKind.Function, "net": lsp.SymbolKind.Module, "genotype": lsp.SymbolKind.Object,
    "port": lsp.SymbolKind.Interface, "node": lsp.SymbolKind.Field, "parameter": lsp.SymbolKind.TypeParameter,
    "stage": lsp.SymbolKind.Namespace, "label": lsp.SymbolKind.Key, "tap": lsp.SymbolKind.Event,
}  # fmt: skip


class Refusal(JsonRpcException):
    """A request that cannot be met, said to the user as it is."""

    CODE = lsp.LSPErrorCodes.RequestFailed.value


class Server(LanguageServer):
    """The open documents, each read anew when its text has changed."""

    def __init__(self) -> None:
        # Whole texts: they are short, and every editor and this one agree on what they are.
        super().__init__("nasdsl", VERSION, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self._documents: dict[str, Document] = {}

    def document(self, uri: str) -> Document:
        text = self.workspace.get_text_document(uri).source
        known = self._documents.get(uri)
        if known is None or known.source.text != text:
            path = to_fs_path(uri) if uri.startswith("file:") else None
            known = Document(text, path or uri, Path(path) if path else None)
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
        related = [
            lsp.DiagnosticRelatedInformation(self.location(document, label.span), label.message or d.message)
            for label in d.labels
        ]
        return lsp.Diagnostic(
            range=self.range(d.span or Span(document.source, 0, 0)),
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


def make() -> Server:
    """A server with every capability, not yet started."""
    server = Server()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        await server.check(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        await server.check(params.text_document.uri, PAUSE)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=["(", ",", " ", "."]))
    def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document, offset = server.at(params.text_document.uri, params.position)
        return [
            lsp.CompletionItem(
                label=c.text.strip(" ="),
                kind=_KINDS[c.kind],
                detail=c.detail or None,
                documentation=c.summary or None,
                text_edit=lsp.TextEdit(server.range(c.replaced), c.text),
                sort_text=f"{c.rank + 1}{i:04}",
                additional_text_edits=server.edits(document, [c.also]) if c.also else None,
            )
            for i, c in enumerate(completion.completions(document, offset))
        ]

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        document, offset = server.at(params.text_document.uri, params.position)
        found = hover.hover(document, offset)
        if found is None:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.text)
        return lsp.Hover(content, server.range(found.span, document.source))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        document, offset = server.at(params.text_document.uri, params.position)
        found = navigation.definition(document, offset)
        return server.location(document, found) if found is not None else None

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def referred(params: lsp.ReferenceParams) -> list[lsp.Location]:
        document, offset = server.at(params.text_document.uri, params.position)
        found = navigation.references(document, offset, params.context.include_declaration)
        return [server.location(document, span) for span in found]

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def renamable(params: lsp.PrepareRenameParams) -> lsp.Range:
        document, offset = server.at(params.text_document.uri, params.position)
        try:
            rename.target(document, offset)
        except rename.Refused as reason:
            raise Refusal(str(reason)) from None
        found = document.symbols.at(offset)
        assert found is not None, "the target has a name"
        return server.range(found.span, document.source)

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def rename_it(params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        document, offset = server.at(params.text_document.uri, params.position)
        try:
            places = rename.renamed(document, offset, params.new_name)
        except rename.Refused as reason:
            raise Refusal(str(reason)) from None
        edits = server.edits(document, (Change(place, params.new_name) for place in places))
        return lsp.WorkspaceEdit({params.text_document.uri: edits})

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_it(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = server.document(params.text_document.uri)
        return server.edits(document, formatting.formatting(document))

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        document = server.document(params.text_document.uri)
        return [_symbol(server, document, entry) for entry in outline.outline(document)]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def fixed(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        (document, start), (_, end) = server.at(uri, params.range.start), server.at(uri, params.range.end)
        return [
            lsp.CodeAction(
                title=action.edit.title,
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[server.diagnostic(document, action.diagnostic)],
                is_preferred=action.only,
                edit=lsp.WorkspaceEdit({uri: server.edits(document, action.edit.changes)}),
            )
            for action in actions.actions(document, start, end)
        ]

    return server


def _page(code: str) -> lsp.CodeDescription | None:
    """The page that explains a code, where it has one."""
    page = Path(nasdsl.__file__).parent / "pages" / f"{code}.md"
    return lsp.CodeDescription(str(from_fs_path(str(page)))) if page.is_file() else None


def _symbol(server: Server, document: Document, entry: outline.Entry) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        name=entry.symbol.name,
        kind=_SYMBOLS[entry.symbol.kind],
        range=server.range(entry.symbol.extent, document.source),
        selection_range=server.range(entry.symbol.span, document.source),
        detail=entry.symbol.kind,
        children=[_symbol(server, document, inner) for inner in entry.inner],
    )
