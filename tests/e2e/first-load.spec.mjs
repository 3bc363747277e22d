// What a first visit loads, and what the page says when its program cannot be loaded or ends by a mistake of its own.
import { indicator, live } from "./dashboard.mjs";
import { expect, signInOn, test } from "./harness.mjs";

/** The files of the demonstration. */
const DEMO = /realtime-demo/;
/** The compiled program of the dashboard. */
const PROGRAM = /realtime-dashboard-[^/]*\.wasm$/;

/** Whether the keyboard gets to anything of the application. */
async function isUsable(page) {
  await page.evaluate(() => document.activeElement.blur());
  for (let presses = 0; presses < 5; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.closest("#app") !== null)) return true;
  }
  return false;
}

/** The paths that a page asks for from now on. */
function requested(page) {
  const paths = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

test("a visit to the dashboard loads nothing of the demonstration, and each file once", async ({ newSignedIn }) => {
  const page = await (await newSignedIn("ada")).newPage();
  const paths = requested(page);
  await page.goto("/overview");
  await live(page);
  expect(paths.filter((path) => DEMO.test(path))).toEqual([]);
  const files = paths.filter((path) => /\.(css|js|wasm)$/.test(path));
  expect(files.sort()).toEqual([...new Set(files)]);
  expect(files.filter((path) => PROGRAM.test(path))).toHaveLength(1);
});

test("the first data are asked for while the program downloads, and each answer is used", async ({ newSignedIn }) => {
  const page = await (await newSignedIn("ada")).newPage();
  const first = /\/api\/(session|realtime\/token|snapshot\?resources=[a-z,]+&|beats)/;
  for (const tab of ["", "overview", "favorites", "orders/", "downloads", "activity", "analytics"]) {
    const asked = [];
    const note = (request) => first.test(request.url()) && asked.push(request.url());
    page.on("request", note);
    let download;
    await page.route(PROGRAM, async (route) => {
      await new Promise((resolve) => (download = resolve));
      await route.continue();
    });
    await page.goto(`/${tab}`, { waitUntil: "commit" });
    await expect.poll(() => download).toBeDefined();
    await expect.poll(() => asked.length, `the calls of /${tab}`).toBeGreaterThanOrEqual(3);
    const early = [...asked];
    download();
    await live(page);
    expect(await page.evaluate(() => globalThis.earlyAnswers.size), `unused answers of /${tab}`).toBe(0);
    const again = asked.slice(early.length).filter((url) => !url.includes("/beats"));
    expect(again, `calls of /${tab} that were made twice`).toEqual([]);
    page.off("request", note);
    await page.unroute(PROGRAM);
  }
});

// What makes a visit fast or slow, counted: times differ between machines, counts do not. Each is as measured, with little
// room; one that goes down belongs here too.
const COUNTS = {
  overview: { elements: 680, attributes: 1100, calls: 6 },
  favorites: { elements: 610, attributes: 1010, calls: 4 },
  orders: { elements: 620, attributes: 1290, calls: 4 },
  downloads: { elements: 470, attributes: 820, calls: 5 },
  activity: { elements: 305, attributes: 450, calls: 4 },
};
/** Layouts of a visit: the static page's, the whole page's, and what a status that changes may add. */
const LAYOUTS = 5;

test("a visit draws once, with few elements and calls", async ({ newSignedIn }) => {
  for (const [tab, most] of Object.entries(COUNTS)) {
    const page = await (await newSignedIn("ada")).newPage();
    const paths = requested(page);
    const client = await page.context().newCDPSession(page);
    await client.send("Performance.enable");
    await page.goto(`/${tab}`);
    await live(page);
    const { metrics } = await client.send("Performance.getMetrics");
    const layouts = metrics.find(({ name }) => name === "LayoutCount").value;
    expect(layouts, `layouts of /${tab}`).toBeLessThanOrEqual(LAYOUTS);
    const drawn = await page.locator("#app *").evaluateAll((elements) => ({
      elements: elements.length,
      attributes: elements.reduce((sum, { attributes }) => sum + attributes.length, 0),
    }));
    expect(drawn.elements, `elements of /${tab}`).toBeLessThanOrEqual(most.elements);
    expect(drawn.attributes, `attributes of /${tab}`).toBeLessThanOrEqual(most.attributes);
    const calls = paths.filter((path) => path.startsWith("/api/"));
    expect(calls.length, `calls of /${tab}: ${calls}`).toBeLessThanOrEqual(most.calls);
    await page.close();
  }
});

test("a page that was visited before is shown again as it was, and up to date", async ({ newSignedIn }) => {
  const context = await newSignedIn("ada");
  const page = await context.newPage();
  await page.goto("/overview");
  await live(page);
  const search = page.getByRole("searchbox");
  const found = page.waitForResponse((reply) => reply.url().includes("/api/beats?") && reply.url().includes("=a"));
  await search.fill("a");
  const { items } = await (await found).json();
  const rows = page.getByRole("list", { name: "Catalog" }).locator("[data-id]");
  await expect(rows).toHaveCount(items.length);
  await expect(rows.first()).toHaveAttribute("data-id", items[0].id);
  const hearts = page.getByRole("button", { name: /^Favorite / });
  await expect(hearts.first()).toBeVisible();
  await hearts.first().evaluate((heart) => (heart.dataset.kept = "true"));
  const name = await hearts.first().getAttribute("aria-label");
  const was = await hearts.first().getAttribute("aria-pressed");
  await page.locator("nav").getByRole("link", { name: "Orders" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();
  await expect(search).toHaveCount(0);
  const other = await context.newPage();
  await other.goto("/overview");
  await live(other);
  await other.getByRole("button", { name, exact: true }).click();
  const pressed = was === "true" ? "false" : "true";
  await expect(other.getByRole("button", { name, exact: true })).toHaveAttribute("aria-pressed", pressed);
  await page.locator("nav").getByRole("link", { name: "Overview" }).click();
  await expect(page.locator('[data-kept="true"]')).toHaveAttribute("aria-pressed", pressed);
  await expect(search).toHaveValue("a");
});

test("early answers for nobody do not end the sign-in that follows", async ({ newSignedIn, problems }) => {
  const context = await newSignedIn("ada");
  const page = await context.newPage();
  await page.goto("/overview");
  await live(page);
  await context.clearCookies();
  await signInOn(page, "ada", "/orders");
  await live(page);
  expect(await page.evaluate(() => globalThis.earlyAnswers.size)).toBe(0);
  // The browser reports the calls of nobody, which the server answered with 401.
  problems.length = 0;
});

test("early answers are not shown once another tab has changed the user", async ({ newSignedIn }) => {
  const context = await newSignedIn("ada");
  const page = await context.newPage();
  let download;
  await page.route(PROGRAM, async (route) => {
    await new Promise((resolve) => (download = resolve));
    await route.continue();
  });
  await page.goto("/overview", { waitUntil: "commit" });
  await expect.poll(() => download).toBeDefined();
  await expect.poll(() => page.evaluate(() => globalThis.earlyAnswers?.size)).toBe(4);

  const other = await context.newPage();
  await other.goto("/overview");
  await live(other);
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(other.getByLabel("Email")).toBeVisible();
  await signInOn(other, "ben");
  download();
  await live(page);
  await expect(page.getByRole("banner")).toContainText("Ben Lindqvist");
  expect(await page.evaluate(() => globalThis.earlyAnswers.size)).toBe(0);
});

test("a program that cannot be loaded is reported, and works after a reload", async ({ newSignedIn, problems }) => {
  const page = await (await newSignedIn("ada")).newPage();
  const notLoaded = page.getByRole("alert").filter({ hasText: "couldn't load" });
  await page.route(PROGRAM, (route) => route.abort());
  await page.goto("/orders");
  await expect(notLoaded).toBeVisible();
  expect(await isUsable(page), "nothing works, so nothing can be used").toBe(false);
  await expect(notLoaded.getByRole("button", { name: "Reload" })).toBeVisible();
  await expect.poll(() => problems.length).toBeGreaterThan(0);

  await page.unroute(PROGRAM);
  await notLoaded.getByRole("button", { name: "Reload" }).click();
  // Until here they are those of the page that was not loaded.
  problems.length = 0;
  await expect(page.getByRole("heading", { name: "Orders", level: 1 })).toBeVisible();
  await live(page);
  await expect(notLoaded).toBeHidden();
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
