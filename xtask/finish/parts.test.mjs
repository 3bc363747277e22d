// A program that was taken apart does what it did whole, and fetches its rest when that is needed, and once.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parts, recording } from "./parts.mjs";
import { Program, assemble, features, lasting } from "./program.mjs";

const folder = mkdtempSync(join(tmpdir(), "dashboard-parts-"));
after(() => rmSync(folder, { recursive: true, force: true }));

// Calls go from the first part to the rest directly and by number, and from the rest to the first part, to the rest and
// to the script; both parts change a global and the memory. Loops keep functions from being drawn into their callers.
const busy = (result) => `(loop $again
  (local.set $left (i32.sub (local.get $left) (i32.const 1)))
  (call $note (local.get $left))
  (br_if $again (i32.gt_s (local.get $left) (i32.const 0))))
  ${result}`;
const func = (name, body) => `(func $"${name}" (param $x i32) (result i32) (local $left i32) ${busy(body)})`;
const source = `(module
  (import "script" "note" (func $note (param i32)))
  (global $sum (mut i32) (i32.const 0))
  (memory $memory 1)
  (table $table 3 3 funcref)
  (table $others 1 externref)
  (elem $elem (table $table) (i32.const 1) func $"by number[0123456789abcdef]" $first)
  (export "memory" (memory $memory))
  (export "others" (table $others))
  (export "early" (func $first))
  (export "direct" (func $direct))
  (export "numbered" (func $numbered))
  ${func("first", "(i32.add (call $helper (local.get $x)) (i32.const 1))")}
  ${func("helper", "(global.set $sum (i32.add (global.get $sum) (local.get $x))) (global.get $sum)")}
  ${func("direct", "(i32.mul (call $\"late one\" (local.get $x)) (i32.const 2))")}
  ${func("numbered", "(call_indirect $table (param i32) (result i32) (local.get $x) (i32.const 1))")}
  ${func("late one", "(i32.store (local.get $x) (call $helper (local.get $x))) (call $\"late two\" (local.get $x))")}
  ${func("late two", "(i32.add (i32.load (local.get $x)) (call_indirect $table (param i32) (result i32) (local.get $x) (i32.const 2)))")}
  ${func("by number[0123456789abcdef]", "(call $\"late two\" (call $helper (local.get $x)))")}
)`;

const whole = join(folder, "whole.wasm");
execFileSync("wasm-as", ["-", ...features, "-g", "-o", whole], { input: source });

const compiled = (path) => new WebAssembly.Module(readFileSync(path));

function started(path, script) {
  return new WebAssembly.Instance(compiled(path), { script }).exports;
}

/** What a course of calls gives: results, what the script was told, and the memory. */
function course(exports, told) {
  const results = [
    ["early", 8],
    ["direct", 16],
    ["early", 3],
    ["numbered", 24],
    ["direct", 40],
  ].map(([name, x]) => exports[name](x));
  return { results, told, memory: [...new Int32Array(exports.memory.buffer, 0, 64)] };
}

test("a program that was taken apart does what it did whole", () => {
  const program = new Program(whole);
  const { first, rest } = parts(program, (name) => /late|by number/.test(name));
  const [firstPath, restPath] = ["first", "rest"].map((name) => join(folder, `${name}.wasm`));
  assemble(first, firstPath);
  assemble(rest, restPath);
  assert.ok(!WebAssembly.Module.exports(compiled(firstPath)).some(({ name }) => name.includes("late")));

  const toldWhole = [];
  const expected = course(started(whole, { note: (x) => toldWhole.push(x) }), toldWhole);

  const told = [];
  let fetched = 0;
  const exports = started(firstPath, {
    note: (x) => told.push(x),
    0: () => {
      fetched += 1;
      const numbered = new Proxy({}, { get: (_, number) => exports[1].get(number) });
      new WebAssembly.Instance(compiled(restPath), { script: { note: (x) => told.push(x) }, 1: exports, 2: numbered });
      exports[0].value = 1;
    },
  });
  exports.early(0);
  assert.equal(fetched, 0, "what is of the first part needs no rest");
  told.length = 0;
  assert.deepEqual(course(exports, told), expected);
  assert.equal(fetched, 1);
});

test("a rest that cannot be had leaves the call with the script's error, and is asked for again", () => {
  const program = new Program(whole);
  const path = join(folder, "alone.wasm");
  assemble(parts(program, (name) => name.includes("late")).first, path);
  let asked = 0;
  const exports = started(path, {
    note: () => {},
    0: () => {
      asked += 1;
      throw new Error("no link");
    },
  });
  for (const times of [1, 2]) {
    assert.throws(() => exports.direct(8), /no link/);
    assert.equal(asked, times);
  }
  assert.equal(exports.early(4), 5);
});

test("a program that records tells each function that runs, by a name that the next build has too", () => {
  const { forms, names } = recording(new Program(whole));
  const path = join(folder, "recording.wasm");
  assemble(forms, path);
  const ran = new Set();
  const exports = started(path, { note: () => {}, 0: (at) => ran.add(names[at]) });
  exports.numbered(8);
  assert.deepEqual([...ran].sort(), ["by number", "first", "helper", "late two", "numbered"]);
  assert.equal(lasting('$"core[0123456789abcdef]::f::{closure#1}.17[2]"'), "core::f::{closure#1}");
});
