#!/usr/bin/env bash
# jquery-datetimepicker 2.5.21 (npm; source: build/jquery.datetimepicker.full.js, the "blur" handler behind the option validateOnBlur; seen 2026-11-29 with jQuery 3.7.1, jsdom 26.1.0, Node 20) replaces what it cannot read by the present minute when the box is left.
#
# The option validateOnBlur is true unless told otherwise. With the format Y-m-d H:i, a date and time typed the
# French way (day/month/year) is not kept for the server to judge, nor emptied: the box silently holds now.
# An editor who typed a date months ahead submits a valid value that means "at once". Wagtail 8.0.1 uses this
# picker, with that format and that option by default, for the publication date of pages. Expected: the text
# stays, and the server refuses it.
#
# Output seen
#   2027-02-05 18:00 stays
#   05/02/2027 18:00 becomes this minute
#   with validateOnBlur false, 05/02/2027 18:00 stays
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-fund --no-audit jquery-datetimepicker@2.5.21 jquery@3.7.1 jsdom@26.1.0

cat >leave.js <<'SCRIPT'
const { readFileSync } = require("node:fs");
const { JSDOM } = require("jsdom");

const source = (path) => readFileSync(require.resolve(path), "utf8");
const { window } = new JSDOM('<!doctype html><input id="when">', { runScripts: "outside-only", pretendToBeVisual: true });
window.eval(source("jquery/dist/jquery.js"));
window.eval(source("jquery-datetimepicker/build/jquery.datetimepicker.full.js"));
const box = window.jQuery("#when");

/** Type a text, leave the box, and return what it holds then. */
function left(text, options) {
  box.datetimepicker("destroy").datetimepicker({ format: "Y-m-d H:i", ...options });
  return box.val(text).trigger("blur").val();
}

/** Return whether a text in the picker's format is within two minutes of now, on this machine's clock. */
const isNow = (text) => Math.abs(new Date(text.replace(" ", "T")) - Date.now()) < 120_000;

const readable = left("2027-02-05 18:00", {});
const french = left("05/02/2027 18:00", {});
const kept = left("05/02/2027 18:00", { validateOnBlur: false });
console.log("2027-02-05 18:00 →", readable);
console.log("05/02/2027 18:00 →", french);
console.log("with validateOnBlur false →", kept);
process.exit(readable === "2027-02-05 18:00" && isNow(french) && kept === "05/02/2027 18:00" ? 0 : 1);
SCRIPT
node leave.js || { echo "The behaviour has changed."; exit 1; }
