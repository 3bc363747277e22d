// Takes a program apart into what a first load runs and the rest, which comes while the person already looks at the
// first; and makes the program that tells which is which.
//
// Both parts share memory, tables and globals, so a function does not know in which of them it is. In the place of each
// function of the rest that the first part can reach, the first part has a few bytes that fetch the rest if it is not
// there yet (see rest.js), and then call the function by its number in the table.
import { headerOf, lasting, namedBy, nameOf } from "./program.mjs";

// Names for what the script and the parts have from each other; the tools' own names begin with a letter. The script has
// FETCH of its own for the first part, and the rest has from the script all that the first part exports (FIRST), and the
// functions of the first part by their number in the table (NUMBERED): a number is shorter than an export.
const FETCH = "0";
const HERE = "0";
const TABLE = "1";
const FIRST = "1";
const NUMBERED = "2";

const here = '$"the rest is here"';
const fetch = '$"fetch the rest"';
const need = '$"need the rest"';

const isMutable = (global) => global.includes("(mut ");
const isTable = ({ table }, form) => nameOf(form) === table.name;

/** The forms of the two parts; `isLate` tells by its name whether a function may be in the second. */
export function parts(program, isLate) {
  const { functions, exported } = program;
  const late = new Set([...functions.keys()].filter((name) => !exported.has(name) && isLate(name)));
  const called = new Set([...functions].flatMap(([name, form]) => (late.has(name) ? [] : namedBy(form))));
  const asked = new Set([...late].flatMap((name) => namedBy(functions.get(name))));
  const places = placesOf(program, late, called, asked);
  return { first: firstPart(program, late, places), rest: restPart(program, late, places) };
}

/**
 * The table of both parts: who stands in it when the first part starts, how long it is, where the functions of the first
 * part stand that the rest calls, and where those of the rest will stand that the first part can reach, the last of their
 * places first.
 */
function placesOf({ functions, table }, late, called, asked) {
  const entries = [...table.entries];
  const ofFirst = new Map(entries.map((name, at) => [name, table.offset + at]));
  for (const name of functions.keys()) {
    if (!asked.has(name) || late.has(name) || ofFirst.has(name)) continue;
    ofFirst.set(name, table.offset + entries.length);
    entries.push(name);
  }
  const ofRest = new Map();
  table.entries.forEach((name, at) => {
    if (late.has(name)) ofRest.set(name, [table.offset + at, ...(ofRest.get(name) ?? [])]);
  });
  let size = table.offset + entries.length;
  for (const name of late) if (called.has(name) && !ofRest.has(name)) ofRest.set(name, [size++]);
  return { entries, size, ofFirst, ofRest, asked };
}

function firstPart(program, late, { entries, size, ofRest }) {
  const { forms, functions, table } = program;
  const [, script] = /"([^"]*)"/.exec(forms.import[0]);
  const standIn = (name) => {
    const header = headerOf(functions.get(name));
    const given = [...header.matchAll(/\(param (\$\S+)/g)].map(([, param]) => `(local.get ${param})`);
    const type = /\(type \S+\)/.exec(header)?.[0] ?? header.replace(/(?<=\(param )\$\S+ /g, "");
    const call = `(call_indirect ${table.name} ${type} ${given.join(" ")} (i32.const ${ofRest.get(name)[0]}))`;
    return ` (func ${name}${header} (call ${need}) ${call})`;
  };
  return program.with({
    import: [...forms.import, ` (import "${script}" "${FETCH}" (func ${fetch}))`],
    global: [...forms.global, ` (global ${here} (mut i32) (i32.const 0))`],
    table: forms.table.map((form) => (isTable(program, form) ? tableOf(table, size) : form)),
    elem: elements(table, table.offset, entries),
    export: [
      ...forms.export,
      ` (export "${HERE}" (global ${here}))`,
      ` (export "${TABLE}" (table ${table.name}))`,
      ...forms.global.filter(isMutable).map((form, at) => ` (export "${at + 2}" (global ${nameOf(form)}))`),
    ],
    func: [
      ` (func ${need} (if (i32.eqz (global.get ${here})) (then (call ${fetch}))))`,
      ...[...functions].flatMap(([name, form]) => {
        if (!late.has(name)) return form;
        return ofRest.has(name) ? standIn(name) : [];
      }),
    ],
  });
}

function restPart(program, late, { size, ofFirst, ofRest, asked }) {
  const { forms, functions, table } = program;
  const exportOf = (form) => new RegExp(String.raw`"([^"]*)" \(\w+ ${nameOf(form).replace(/\$/g, "\\$")}\)`);
  const exportedAs = (form) => forms.export.map((one) => exportOf(form).exec(one)?.[1]).find(Boolean);
  const imported = (form, name) => form.replace(/^ (\(.*\))$/, ` (import "${FIRST}" "${name}" $1)`);
  const [memory] = forms.memory;
  return program.with({
    import: [
      ...forms.import,
      imported(memory, exportedAs(memory)),
      ...forms.table.map((form) =>
        isTable(program, form) ? imported(tableOf(table, size), TABLE) : imported(form, exportedAs(form)),
      ),
      ...forms.global.filter(isMutable).map((form, at) => {
        const type = /\(mut \w+\)/.exec(form)[0];
        return ` (import "${FIRST}" "${at + 2}" (global ${nameOf(form)} ${type}))`;
      }),
      ...[...functions]
        .filter(([name]) => asked.has(name) && !late.has(name))
        .map(([name, form]) => ` (import "${NUMBERED}" "${ofFirst.get(name)}" (func ${name}${headerOf(form)}))`),
    ],
    global: forms.global.filter((form) => !isMutable(form)),
    memory: [],
    data: [],
    table: [],
    export: [],
    start: [],
    elem: runs(ofRest).map(([at, names]) => elements(table, at, names)),
    func: [...late].map((name) => functions.get(name)),
  });
}

const elements = ({ name }, at, names) => ` (elem (table ${name}) (i32.const ${at}) func ${names.join(" ")})`;

const tableOf = ({ name }, size) => ` (table ${name} ${size} ${size} funcref)`;

/** Neighbours in the table as one run each: where it begins, and who stands there. */
function runs(slots) {
  const places = [...slots].flatMap(([name, at]) => at.map((one) => [one, name])).sort(([a], [b]) => a - b);
  const found = [];
  for (const [at, name] of places) {
    const [start, names] = found.at(-1) ?? [];
    if (names && start + names.length === at) names.push(name);
    else found.push([at, [name]]);
  }
  return found;
}

/** The forms of a program whose functions tell the script that they run, by their number; and their lasting names. */
export function recording(program) {
  const [, script] = /"([^"]*)"/.exec(program.forms.import[0]);
  const names = [...program.functions.keys()];
  const marked = program.forms.func.map((form, at) =>
    form.replace(/^ \(func [^\n]*(?:\n  \(local [^\n]*)*/, (start) => `${start}\n  (call ${fetch} (i32.const ${at}))`),
  );
  const forms = program.with({
    import: [...program.forms.import, ` (import "${script}" "${FETCH}" (func ${fetch} (param i32)))`],
    func: marked,
  });
  return { forms, names: names.map(lasting) };
}
