"""The folder of the VS Code extension: what it names is there, and agrees."""

import json
import re
from pathlib import Path

from nasdsl.cli import program
from nasdsl.highlighting import NAME

FOLDER = Path(__file__).parents[2] / "editors" / "vscode"


def test_what_the_extension_names_is_there() -> None:
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    (language,), (grammar,) = package["contributes"]["languages"], package["contributes"]["grammars"]
    assert language["extensions"] == [".nas"]
    assert language["id"] == grammar["language"]
    shown = json.loads((FOLDER / grammar["path"]).read_text(encoding="utf-8"))
    assert shown["scopeName"] == grammar["scopeName"]
    settings = json.loads((FOLDER / language["configuration"]).read_text(encoding="utf-8"))
    assert settings["wordPattern"] == NAME
    assert re.search(settings["indentationRules"]["increaseIndentPattern"], "cell f(x) {  # a cell")
    assert not re.search(settings["indentationRules"]["increaseIndentPattern"], "node n { from x }")
    assert package["contributes"]["configuration"]["properties"]["nasdsl.command"]["default"] == "nasdsl"
    assert (FOLDER / package["main"]).is_file()


def test_it_starts_a_command_that_there_is() -> None:
    script = (FOLDER / "extension.js").read_text(encoding="utf-8")
    (command,) = re.findall(r'args: \["(\w+)"\]', script)
    assert command in program.commands
    assert 'require("vscode-languageclient/node")' in script
