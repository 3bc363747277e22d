// Statements about the store that only the whole product shows in the document: the place where one reads, the first load.
import { favoriteRow, live, mutate, orderRow, snapshot, unmarkedBeats } from "./dashboard.mjs";
import { expect, signInOn, test } from "./harness.mjs";

/** The ids of a list's rows, as they are shown. */
function ids(rows) {
  return rows.evaluateAll((all) => all.map((row) => row.dataset.id));
}

/** Notes from now on where a row stands after each frame; the result gives the places, each change once. */
async function watchPlace(row) {
  await row.evaluate((element) => {
    const drawn = new MessageChannel();
    window.__places = [];
    drawn.port1.onmessage = () => {
      const top = Math.round(element.getBoundingClientRect().top);
      if (window.__places.at(-1) !== top) window.__places.push(top);
      requestAnimationFrame(() => drawn.port2.postMessage(null));
    };
    drawn.port2.postMessage(null);
  });
  return () => row.evaluate(() => window.__places);
}

test.describe("with short pages", () => {
  test.use({ settings: { VITE_PAGE_SIZE: "10" }, serverFlags: ["--demo", "--order-step-ms", "300"] });

  test("c14_favorites_changed_above_the_viewport_move_nothing_and_paging_skips_nothing", async ({ server, signIn }) => {
    const page = await signIn("ada", { path: "/favorites" });
    await live(page);
    const { cookie } = await server.session("ada");
    const rows = page.getByRole("list", { name: "Favorites" }).getByRole("listitem");
    const older = page.getByRole("button", { name: "Show older" });
    await older.click();
    await expect(rows).toHaveCount(20);
    const before = await ids(rows);
    const read = favoriteRow(page, before[15]);
    await read.evaluate((row) => row.scrollIntoView({ block: "center" }));
    const places = await watchPlace(read);
    const [first, second] = await unmarkedBeats(server, cookie);
    // One after the other: together, a row more and a row less would hide a jump of both.
    for (const [id, favorite] of [[first.id, true], [before[2], false], [before[4], false], [second.id, true]]) {
      await mutate(server, cookie, ["set_favorite", { beat_id: id, favorite }]);
      await expect(favoriteRow(page, id)).toHaveCount(favorite ? 1 : 0);
    }
    await expect(read).toBeInViewport();
    expect(await places(), "where the row that is read stood").toHaveLength(1);

    await older.click();
    await expect(rows).toHaveCount(30);
    const { favorites } = await snapshot(server, cookie);
    expect(await ids(rows)).toEqual(favorites.items.slice(0, 30).map((item) => item.beat_id));
  });

  test("c14_an_order_added_above_the_viewport_moves_nothing", async ({ server, signIn }) => {
    const page = await signIn("ada", { path: "/orders" });
    await live(page);
    const { cookie } = await server.session("ada");
    const rows = page.getByRole("table", { name: "Orders" }).locator("tbody tr");
    await page.getByRole("button", { name: "Show older" }).click();
    await expect(rows).toHaveCount(20);
    const before = await ids(rows);
    const read = orderRow(page, before[15]);
    await read.evaluate((row) => row.scrollIntoView({ block: "center" }));
    const places = await watchPlace(read);
    const simulation = { what: "orders", count: 1, rate_per_s: 1 };
    await server.call("/api/demo/simulate", { method: "POST", cookie, body: simulation });
    await expect(rows.first()).not.toHaveAttribute("data-id", before[0]);
    await expect(read).toBeInViewport();
    expect(await places(), "where the row that is read stood").toHaveLength(1);
    const { orders } = await snapshot(server, cookie);
    expect(await ids(rows)).toEqual(orders.items.slice(0, 20).map((item) => item.id));
  });
});

test("a slow, failing first load shows a skeleton, then an error with a working retry", async ({
  newContext,
}) => {
  const context = await newContext();
  const page = await context.newPage();
  let broken = true;
  let answer;
  const slow = new Promise((resolve) => (answer = resolve));
  await context.route(/\/api\/snapshot/, async (route) => {
    await slow;
    await (broken ? route.fulfill({ status: 503, contentType: "text/plain", body: "" }) : route.fallback());
  });
  await signInOn(page, "ada", "/favorites");
  await expect(page.locator("[data-skeleton]")).toContainText("Loading favorites…");
  await expect(page.locator("[data-error]")).toHaveCount(0);
  answer();
  const told = page.locator('[data-error="network"]').first();
  await expect(told).toContainText("We can't reach the store", { timeout: 20_000 });
  const way = await told.getByRole("button", { name: "Try again" }).elementHandle();
  // In one breath, before the page tries again by itself.
  broken = false;
  await way.evaluate((button) => button.click());
  await expect(page.getByRole("list", { name: "Favorites" })).toBeVisible();
  await expect(page.locator("[data-error]")).toHaveCount(0);
});
