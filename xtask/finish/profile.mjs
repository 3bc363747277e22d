// Which functions a first load does not run, as `cargo xtask record` found out: each by 32 bits of a hash of its lasting
// name, since some thousand names in full are longer than the program. A function that is not listed is taken to run,
// so what is new is in the first part until it is recorded; what is listed by mistake works, and makes the page wait.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { lasting } from "./program.mjs";

const file = new URL("late-functions.txt", import.meta.url);
const PER_LINE = 13;

const keyOf = (name) => createHash("sha256").update(name).digest("hex").slice(0, 8);

/** What tells by its name whether a function is one that a first load does not run. */
export function isLate() {
  const keys = new Set(readFileSync(file, "utf8").split(/\s+/));
  return (name) => keys.has(keyOf(lasting(name)));
}

/** Keeps the lasting names of functions that a first load did not run. */
export function keep(names) {
  const keys = [...new Set(names.map(keyOf))].sort();
  const lines = [];
  for (let at = 0; at < keys.length; at += PER_LINE) lines.push(keys.slice(at, at + PER_LINE).join(" "));
  writeFileSync(file, `${lines.join("\n")}\n`);
  return keys.length;
}
