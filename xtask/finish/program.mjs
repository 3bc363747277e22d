// A wasm program as text, form by form, as far as taking it apart needs.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../index.html", import.meta.url), "utf8");

/** The wasm features that the programs use, named one by one: `--all-features` writes what browsers refuse. */
export const features = page.match(/--enable-[a-z-]+/g);

const limits = page.match(/--one-caller-inline-max-function-size=\d+/g);

// The text of a whole program is some 15 MB.
const options = { maxBuffer: 2 ** 28 };

const NAME = String.raw`\$(?:"(?:[^"\\]|\\.)*"|[^\s()]+)`;
const CALL = new RegExp(String.raw`\((?:return_)?call (${NAME})|\(ref\.func (${NAME})`, "g");
const HEADER = new RegExp(String.raw`^ \(func ${NAME}((?: \((?:type|param|result)[^)]*\))*)`);
const ELEMENTS = new RegExp(String.raw`^ \(elem ${NAME} \(table (${NAME})\) \(i32\.const (\d+)\) func (.*)\)$`);

/** The name that a form gives itself. */
export const nameOf = (form) => new RegExp(NAME).exec(form)[0];

/** What a function takes and returns, as its form says it. */
export const headerOf = (form) => HEADER.exec(form)[1];

/** The functions that a function names. */
export const namedBy = (form) => [...form.matchAll(CALL)].map(([, called, taken]) => called ?? taken);

/**
 * What a function is called by in every build: without the hashes of the crates, and without the numbers by which the
 * tools tell equal names apart.
 */
export const lasting = (name) =>
  name
    .replace(/\[[0-9a-f]{12,}\]/g, "")
    .replace(/^\$"?|"$/g, "")
    .replace(/(\.\d+|\[\d+\])+$/, "");

/** A program that was read from a file. */
export class Program {
  constructor(path) {
    const text = execFileSync("wasm-dis", [path, ...features], options).toString();
    const forms = text.slice(text.indexOf("\n (") + 1, text.lastIndexOf("\n)")).split(/\n(?= \()/);
    /** Its forms by kind: `type`, `import`, `func` and so on. */
    this.forms = {};
    for (const form of forms) (this.forms[/^ \((\w+)/.exec(form)[1]] ??= []).push(form);
    /** The forms of its functions by name. */
    this.functions = new Map(this.forms.func.map((form) => [nameOf(form), form]));
    if (this.forms.elem.length !== 1 || this.forms.memory.length !== 1) throw new Error(`${path} is of another kind`);
    const [, table, offset, entries] = ELEMENTS.exec(this.forms.elem[0]);
    /** The table of functions that are called by number: its name, and who stands where. */
    this.table = { name: table, offset: Number(offset), entries: entries.match(new RegExp(NAME, "g")) };
    /** The functions that the script calls. */
    this.exported = new Set(this.forms.export.map((form) => new RegExp(String.raw`\(func (${NAME})\)`).exec(form)?.[1]));
  }

  /** All forms in the order that a module has them, some kinds of them replaced. */
  with(replaced) {
    const kinds = ["type", "import", "global", "memory", "data", "table", "elem", "export", "start", "func"];
    return kinds.flatMap((kind) => replaced[kind] ?? this.forms[kind] ?? []);
  }
}

/** Writes forms as a wasm file, without what nothing refers to, as small as the page has programs made. */
export function assemble(forms, path) {
  execFileSync("wasm-as", ["-", ...features, "-o", path], { ...options, input: `(module\n${forms.join("\n")}\n)` });
  execFileSync("wasm-opt", [path, "-Oz", ...features, ...limits, "-o", path]);
}
