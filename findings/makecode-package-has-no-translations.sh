#!/usr/bin/env bash
# pxt-microbit 9.1.1 (npm; source: built/target.json, bundledpkgs, and libs/core/_locales of its repository; seen 2026-11-29 with Node.js 20) carries the words of its blocks in English only.
#
# The editor speaks over forty languages, and the repository has libs/*/_locales/<language>/*-strings.json with the
# French and Arabic words of blocks. Expected: the package brings them, as scratch-l10n brings Scratch's. It has none:
# target.json bundles the sources of the block libraries, whose comments hold the English words, and not one file
# under a _locales folder; the published editor loads translations from its own server while it runs. Whoever prints
# blocks in another language without network must take the words from the repository, and name the commit.
# Met when our own drawings of blocks were checked against the packages of the tools.
#
# Output seen
#   pxt-microbit 9.1.1: "show string" in the bundle: yes
#   bundled files under _locales: 0, files of translations in the package: 0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent pxt-microbit@9.1.1 >/dev/null
tar -xzf pxt-microbit-9.1.1.tgz

node - <<'SCRIPT' || { echo "The behaviour has changed."; exit 1; }
const fs = require("fs");
const path = require("path");

const files = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? files(path.join(folder, entry.name)) : [path.join(folder, entry.name)]);
const { version } = JSON.parse(fs.readFileSync("package/package.json", "utf8"));
const bundled = JSON.parse(fs.readFileSync("package/built/target.json", "utf8")).bundledpkgs;
const names = Object.values(bundled).flatMap((library) => Object.keys(library));
const english = Object.values(bundled).some((library) => Object.values(library).some((text) => text.includes("show|string")));
const inBundle = names.filter((name) => name.includes("_locales")).length;
const inPackage = files("package").filter((name) => /_locales[/\\](fr|ar)[/\\]/.test(name)).length;
console.log(`pxt-microbit ${version}: "show string" in the bundle: ${english ? "yes" : "no"}`);
console.log(`bundled files under _locales: ${inBundle}, files of translations in the package: ${inPackage}`);
process.exit(version === "9.1.1" && english && inBundle === 0 && inPackage === 0 ? 0 : 1);
SCRIPT
