// Starts `nasdsl lsp` for .nas files. All that it shows comes from there.
"use strict";

const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function activate() {
  const command = workspace.getConfiguration("nasdsl").get("command");
  const run = { command, args: ["lsp"] };
  client = new LanguageClient("nasdsl", "nasdsl", { run, debug: run }, { documentSelector: [{ language: "nas" }] });
  await client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
