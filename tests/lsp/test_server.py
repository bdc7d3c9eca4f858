"""The language server, driven over stdio by a client as an editor is."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

import nasdsl

ROOT = Path(nasdsl.__file__).parent.parent
TEXT = """use vision (identity, conv_bn, classifier)

param W = 16   # 🎈 a name behind an emoji: as wide as two units

cell layer(x) {
    node n[2] { from  pick 1 of earlier; op  identity | conv_bn(3) }
  out  last(n)
}

net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = W)
  stage (width = W) { layer }
  head  classifier(10)
}
"""


class Editor:
    """A client with one open text, and what the server has said about it."""

    def __init__(self, encodings: list[str]) -> None:
        self.client = LanguageClient("test", "1")
        self.told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def hear(params: lsp.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(params)

        self.encodings = encodings
        self.text, self.version, self.uri = "", 0, ""

    async def start(self, folder: Path) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        await self.client.start_io(sys.executable, "-m", "nasdsl", "lsp", cwd=folder, env=env)
        general = lsp.GeneralClientCapabilities(position_encodings=self.encodings)
        capabilities = lsp.ClientCapabilities(general=general)
        self.server = await self.client.initialize_async(lsp.InitializeParams(capabilities))
        self.client.initialized(lsp.InitializedParams())
        self.uri = (folder / "own.nas").as_uri()

    async def open(self, text: str) -> list[lsp.Diagnostic]:
        self.text = text
        document = lsp.TextDocumentItem(self.uri, "nas", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
        return await self.diagnostics()

    async def change(self, text: str) -> list[lsp.Diagnostic]:
        self.text, self.version = text, self.version + 1
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        document = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [whole]))
        return await self.diagnostics()

    async def diagnostics(self) -> list[lsp.Diagnostic]:
        """What is said of the text as it now is."""
        while True:
            told = await asyncio.wait_for(self.told.get(), 20)
            if told.version == self.version:
                return list(told.diagnostics)

    async def apply(self, edit: lsp.WorkspaceEdit | None) -> list[lsp.Diagnostic]:
        assert edit is not None
        return await self.change(self.edited(edit.changes[self.uri]))

    def edited(self, edits: list[lsp.TextEdit]) -> str:
        text = self.text
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            text = text[: self.offset(edit.range.start)] + edit.new_text + text[self.offset(edit.range.end) :]
        return text

    def offset(self, at: lsp.Position) -> int:
        """By UTF-16, counted here independently of the server."""
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: at.line])
        before = lines[at.line].encode("utf-16-le")[: 2 * at.character]
        return start + len(before.decode("utf-16-le"))

    def position(self, place: str, part: str = "") -> lsp.Position:
        """Where `part` begins in the first `place` of the text."""
        at = self.text.index(place) + place.index(part)
        line = self.text.count("\n", 0, at)
        before = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        return lsp.Position(line, len(before.encode("utf-16-le")) // 2)

    def at(self, kind: type, place: str, part: str = "", **more: object) -> object:
        return kind(text_document=lsp.TextDocumentIdentifier(self.uri), position=self.position(place, part), **more)

    async def fixes(self, found: lsp.Diagnostic) -> list[lsp.CodeAction]:
        params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(self.uri), found.range, lsp.CodeActionContext([found]))
        return list(await self.client.text_document_code_action_async(params) or [])

    async def stop(self) -> int | None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()
        return self.client._server.returncode


def session(folder: Path, scenario: Callable[[Editor], Awaitable[None]], encodings: list[str] | None = None) -> None:
    async def run() -> None:
        editor = Editor(encodings or ["utf-16"])
        await editor.start(folder)
        await scenario(editor)
        assert await editor.stop() == 0

    asyncio.run(asyncio.wait_for(run(), 60))


def test_open_break_see_the_error_apply_the_fix_rename_format(tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        client = editor.client
        assert await editor.open(TEXT) == []

        broken = TEXT.replace("param W = 16", "param W: 16").replace("identity |", "idntity |")
        (found,) = await editor.change(broken)
        assert (found.code, found.severity, found.source) == ("E0119", lsp.DiagnosticSeverity.Error, "nasdsl")
        (fix,) = await editor.fixes(found)
        assert fix.title == "Change to `param W = 16`"

        (found,) = await editor.apply(fix.edit)
        assert found.code == "E0201"
        assert found.range.start == editor.position("idntity |")
        assert "help: did you mean `identity`?" in found.message
        (fix,) = await editor.fixes(found)
        assert fix.is_preferred
        assert await editor.apply(fix.edit) == []
        assert editor.text == TEXT

        params = editor.at(lsp.RenameParams, "width = W)", "W", new_name="wide")
        assert await editor.apply(await client.text_document_rename_async(params)) == []
        assert editor.text == TEXT.replace("W", "wide")

        options = lsp.FormattingOptions(2, True)
        params = lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(editor.uri), options)
        edits = await client.text_document_formatting_async(params)
        assert edits
        assert await editor.change(editor.edited(edits)) == []
        assert "\n  node n[2] {" in editor.text
        assert await client.text_document_formatting_async(params) == ()

    session(tmp_path, scenario)


def test_what_is_told_of_names(tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        client = editor.client
        await editor.open(TEXT)
        shown = await client.text_document_hover_async(editor.at(lsp.HoverParams, "cell layer", "layer"))
        assert "cell `layer`: 8 genotypes of its own" in shown.contents.value

        # The declaration stands on the line of the emoji, and behind the reference no unit is lost.
        place = await client.text_document_definition_async(editor.at(lsp.DefinitionParams, "width = W)", "W"))
        assert (place.uri, place.range.start) == (editor.uri, editor.position("param W", "W"))
        place = await client.text_document_definition_async(editor.at(lsp.DefinitionParams, "stem  conv_bn", "conv_bn"))
        assert place.uri == (ROOT / "nasdsl" / "library" / "vision.nas").as_uri()

        context = lsp.ReferenceContext(include_declaration=True)
        found = await client.text_document_references_async(
            editor.at(lsp.ReferenceParams, "param W", "W", context=context)
        )
        assert len(found) == 3

        params = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(editor.uri))
        names = {s.name: [c.name for c in s.children] for s in await client.text_document_document_symbol_async(params)}
        assert names == {"W": [], "layer": ["x", "n"], "search": []}

        items = await client.text_document_completion_async(editor.at(lsp.CompletionParams, "conv_bn(3)", "3"))
        assert [i.text_edit.new_text for i in items[:3]] == ["k = ", "stride = ", "width = "]
        items = await client.text_document_completion_async(editor.at(lsp.CompletionParams, "identity | c", "c"))
        (new,) = [i for i in items if i.label == "sep_conv"]
        assert await editor.change(editor.edited([new.text_edit, *new.additional_text_edits])) == []
        assert "classifier, sep_conv)" in editor.text

        with pytest.raises(JsonRpcException, match="`op` is a keyword"):
            await client.text_document_rename_async(editor.at(lsp.RenameParams, "param W", "W", new_name="op"))
        with pytest.raises(JsonRpcException, match="imported"):
            await client.text_document_prepare_rename_async(editor.at(lsp.PrepareRenameParams, "identity"))

        (twice,) = await editor.change(TEXT + "param W = 8\n")
        assert twice.code == "E0202"
        (first,) = twice.related_information
        assert first.message == "first declared here"
        assert (first.location.uri, first.location.range.start) == (editor.uri, editor.position("param W", "W"))

    session(tmp_path, scenario)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 17), ("utf-32", 14)])
def test_columns_count_units_of_the_encoding_agreed_on(encoding: str, column: int, tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        assert editor.server.capabilities.position_encoding == encoding
        (found,) = await editor.open('# 🎈\nparam W = "🎈" $\n')
        assert (found.range.start, found.range.end) == (lsp.Position(1, column), lsp.Position(1, column + 1))

    session(tmp_path, scenario, [encoding])
