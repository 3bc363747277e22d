// Every page under the rules of axe-core: each tab, signing in, the page for wrong addresses and the demo, light and
// dark, wide and narrow. No rule is left out; the size of targets is switched on.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { indicator, live } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SIGNED_IN = ["/overview", "/favorites", "/orders", "/downloads", "/activity", "/analytics", "/demo"];
const WIDTHS = [1280, 360];

/** What axe-core finds wrong in the page, in a line each. */
async function violations(page) {
  // What is still moving in has colours of its own.
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }),
  );
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
}

/** Looks at a page as it stands, in all widths. */
async function look(page, name) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    expect(await violations(page), `${name} at ${width}`).toEqual([]);
  }
}

/** Looks at every page in one colour scheme. */
async function everyPage({ newContext, signIn }, colorScheme) {
  const outside = await (await newContext({ colorScheme, reducedMotion: "reduce" })).newPage();
  for (const path of ["/signin", "/nowhere"]) {
    await outside.goto(path);
    await expect(outside.getByRole("heading", { level: 1 })).toBeVisible();
    await look(outside, path);
  }
  const page = await signIn("ada", { colorScheme, reducedMotion: "reduce" });
  await live(page);
  await indicator(page).getByRole("button").first().click();
  await look(page, "the open panel");
  for (const path of SIGNED_IN) {
    await page.goto(path);
    await live(page);
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await look(page, path);
  }
}

test.describe.configure({ timeout: 240_000 });

test("axe-core finds no violations on any page in light mode", async ({ newContext, signIn }) => {
  await everyPage({ newContext, signIn }, "light");
});

test("axe-core finds no violations on any page in dark mode", async ({ newContext, signIn }) => {
  await everyPage({ newContext, signIn }, "dark");
});
