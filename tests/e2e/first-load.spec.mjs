// A first load brings what it runs, and no more: the rest of the program comes while the page is live already, and
// whoever is faster than the network loses nothing by it.
import { heart, indicator, live, statistic, unmarkedBeat } from "./dashboard.mjs";
import { expect, signInOn, test } from "./harness.mjs";
import { banner } from "./status.mjs";

/** The file of the rest. */
const REST = /_rest\.wasm$/;
/** A link that is gone for ten seconds has a banner, in milliseconds. */
const PAUSED_MS = 20_000;
/** From one try for the rest to the next, at most while a test lasts, in milliseconds. */
const TRY_MS = 35_000;

/** The kinds of request by which the rest of a page's program is asked for from now on. */
function asked(page) {
  const kinds = [];
  page.on("request", (request) => REST.test(request.url()) && kinds.push(request.resourceType()));
  return kinds;
}

/** What the page says when a part of it could not be loaded. */
const notLoaded = (page) => page.getByRole("alert").filter({ hasText: "couldn't load" });

/** Whether the keyboard gets to anything. */
async function isUsable(page) {
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Tab");
  return page.evaluate(() => document.activeElement !== document.body);
}

const orders = (page) => page.getByRole("heading", { name: "Orders", level: 1 });

test("the overview is live before the rest of the program is there, and goes on with it", async ({
  server,
  newContext,
}) => {
  const page = await (await newContext()).newPage();
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  await page.route(REST, async (route) => {
    await isReleased;
    await route.continue().catch(() => {});
  });
  const kinds = asked(page);

  await signInOn(page, "ada");
  await live(page);
  expect(await statistic(page, "Favorites")).toBeGreaterThan(0);
  await page.reload();
  await live(page);
  expect(await statistic(page, "Favorites")).toBeGreaterThan(0);
  expect(kinds, "asked for once by each load, and beside what the page does").toEqual(["fetch", "fetch"]);

  release();
  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);
  await heart(page, beat.title).click();
  await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("link", { name: "Orders" }).click();
  await expect(orders(page)).toBeVisible();
});

test("a link that goes before the rest of the program is there costs nothing but time", async ({
  server,
  newSignedIn,
}) => {
  const page = await (await newSignedIn("ada")).newPage();
  await page.route(REST, (route) => route.abort());
  const kinds = asked(page);
  await page.goto("/overview");
  await live(page);
  await server.kill();
  await expect(indicator(page)).toHaveAttribute("data-state", "paused", { timeout: PAUSED_MS });
  await expect(banner(page)).toBeVisible();
  await server.start();
  await live(page);
  expect(kinds).not.toContain("xhr");
  await expect(notLoaded(page)).toBeHidden();

  const rest = page.waitForResponse(REST, { timeout: TRY_MS });
  await page.unroute(REST);
  expect((await rest).ok(), "the rest is tried again").toBe(true);
  await page.getByRole("link", { name: "Orders" }).click();
  await expect(orders(page)).toBeVisible();
  expect(kinds).not.toContain("xhr");
});

test("who is faster than the rest of the program is served all the same", async ({ newSignedIn }) => {
  const page = await (await newSignedIn("ada")).newPage();
  await page.route(REST, (route) => (route.request().resourceType() === "fetch" ? route.abort() : route.continue()));
  const kinds = asked(page);
  await page.goto("/overview");
  await live(page);
  await page.getByRole("link", { name: "Orders" }).click();
  await expect(orders(page)).toBeVisible();
  expect(kinds.filter((kind) => kind === "xhr")).toHaveLength(1);
  await page.getByRole("link", { name: "Analytics" }).click();
  await expect(page.getByRole("heading", { name: "Analytics", level: 1 })).toBeVisible();
  expect(kinds.filter((kind) => kind === "xhr"), "it is there now").toHaveLength(1);
});

test("a page whose program cannot be had in full says so, and works once it is loaded again", async ({
  newSignedIn,
  problems,
}) => {
  const page = await (await newSignedIn("ada")).newPage();
  await page.route(REST, (route) => route.abort());
  await page.goto("/overview");
  await live(page);
  await expect(notLoaded(page)).toBeHidden();
  await page.getByRole("link", { name: "Orders" }).click();
  await expect(notLoaded(page)).toBeVisible();
  expect(await isUsable(page), "nothing can be used that is no longer kept up").toBe(false);
  await expect(indicator(page), "nor does anything say that it is live").toBeHidden();
  await expect.poll(() => problems.length).toBeGreaterThan(0);

  await page.unroute(REST);
  await page.reload();
  // Up to here they are those of the page that was given up.
  problems.length = 0;
  await expect(orders(page)).toBeVisible();
  await live(page);
});

test("an address whose page is in the rest waits for it", async ({ newSignedIn, problems }) => {
  const page = await (await newSignedIn("ada")).newPage();
  const kinds = asked(page);
  await page.goto("/orders");
  await expect(orders(page)).toBeVisible();
  await live(page);
  expect(kinds).toEqual(["fetch"]);

  await page.route(REST, (route) => route.abort());
  await page.reload();
  await expect(notLoaded(page)).toBeVisible();
  expect(problems.splice(0), "the browser's own words for it").toHaveLength(1);
});

test("a program that ends by a mistake of its own says so", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const crashed = page.getByRole("alert").filter({ hasText: "went wrong" });
  await page.evaluate(() => dispatchEvent(new ErrorEvent("error", { error: new Error("of an extension") })));
  await expect(crashed).toBeHidden();
  expect(await isUsable(page)).toBe(true);
  await page.evaluate(() => {
    dispatchEvent(new ErrorEvent("error", { error: new WebAssembly.RuntimeError("unreachable") }));
  });
  await expect(crashed).toBeVisible();
  expect(await isUsable(page)).toBe(false);
  await expect(indicator(page)).toBeHidden();
});
