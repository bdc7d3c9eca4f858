"""The protocol: every request an editor can make, handed to the capability that answers it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from nasdsl.lsp import actions, completion, formatting, hover, navigation, outline, rename
from nasdsl.lsp.document import Document
from nasdsl.lsp.server import Server
from nasdsl.syntax.insertion import Change

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


def serve(ops: Sequence[str] = ()) -> None:
    """Speak over stdin and stdout until the editor ends it. `ops` names Python modules with operations."""
    # The protocol closes what it is given; the program's own streams stay open.
    make(ops).start_io(os.fdopen(os.dup(sys.stdin.fileno()), "rb"), os.fdopen(os.dup(sys.stdout.fileno()), "wb"))


def make(ops: Sequence[str] = ()) -> Server:
    """A server with every capability, not yet started."""
    server = Server(ops)
    for add in (_documents, _typing, _names, _renaming, _changes):
        add(server)
    return server


def _documents(server: Server) -> None:
    """Texts come, change and go; what is wrong with them is told unasked."""

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


def _typing(server: Server) -> None:
    """What can be typed at a place, and what stands there."""

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


def _names(server: Server) -> None:
    """Where names are declared and used."""

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

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        document = server.document(params.text_document.uri)
        return [_symbol(server, document, entry) for entry in outline.outline(document)]


def _renaming(server: Server) -> None:
    """New names."""

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


def _changes(server: Server) -> None:
    """The layout of a text, and quick fixes."""

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_it(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = server.document(params.text_document.uri)
        return server.edits(document, formatting.formatting(document))

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


def _symbol(server: Server, document: Document, entry: outline.Entry) -> lsp.DocumentSymbol:
    return lsp.DocumentSymbol(
        name=entry.symbol.name,
        kind=_SYMBOLS[entry.symbol.kind],
        range=server.range(entry.symbol.extent, document.source),
        selection_range=server.range(entry.symbol.span, document.source),
        detail=entry.symbol.kind,
        children=[_symbol(server, document, inner) for inner in entry.inner],
    )
