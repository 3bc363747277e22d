// What several end-to-end tests do and look at in the dashboard, by the names that assistive technology finds.
import { expect } from "./harness.mjs";

/** The heart of a beat in the catalog. */
export function heart(page, title) {
  return page.getByRole("list", { name: "Catalog" }).getByRole("button", { name: `Favorite ${title}`, exact: true });
}

/** The row of a beat on the favorites tab. */
export function favoriteRow(page, id) {
  return page.getByRole("list", { name: "Favorites" }).locator(`[data-id="${id}"]`);
}

/** The number that the statistics show under a term. */
export async function statistic(page, term) {
  const list = page.locator('dl[aria-label="Statistics"]');
  const value = list.locator("div", { has: page.locator("dt", { hasText: term }) }).locator("dd").first();
  return Number((await value.innerText()).replace(/[^\d]/g, ""));
}

/** What the server has of a person's favorites. */
export async function favorites(server, cookie) {
  const reply = await server.call("/api/snapshot?resources=favorites", { cookie });
  return (await reply.json()).resources.favorites;
}

/** Beats of the catalog's first page that the person has not marked. */
export async function unmarkedBeats(server, cookie) {
  const catalog = await (await server.call("/api/beats?limit=50", { cookie })).json();
  const marked = new Set((await favorites(server, cookie)).ids);
  const beats = catalog.items.filter((one) => !marked.has(one.id));
  expect(beats.length, "beats that are no favorites yet").toBeGreaterThan(0);
  return beats;
}

/** One of them. */
export async function unmarkedBeat(server, cookie) {
  return (await unmarkedBeats(server, cookie))[0];
}

/** Notes every value that the heart of a beat takes from now on; `pressed` gives them. */
export async function watchHeart(page, title) {
  await heart(page, title).evaluate((button) => {
    window.__pressed = [];
    const note = () => window.__pressed.push(button.getAttribute("aria-pressed"));
    new MutationObserver(note).observe(button, { attributeFilter: ["aria-pressed"] });
  });
  return () => page.evaluate(() => window.__pressed);
}

/** The indicator in the header. */
export function indicator(page) {
  return page.getByRole("banner").locator('[data-variant="compact"]');
}

/** Waits until the page says that it is live, and is. */
export async function live(page, timeout = 20_000) {
  await expect(indicator(page)).toHaveAttribute("data-state", "live", { timeout });
  await expect(indicator(page)).toHaveAttribute("data-status", "connected", { timeout });
}

/** The row of an order on the orders tab. */
export function orderRow(page, id) {
  return page.getByRole("table", { name: "Orders" }).locator(`tbody [data-id="${id}"]`);
}

/** Follows a link of the navigation. */
export async function open(page, tab) {
  await page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name: tab }).click();
  await expect(page.getByRole("heading", { level: 1, name: tab })).toBeVisible();
}

/** Everything that the server knows of a person. */
export async function snapshot(server, cookie) {
  const all = "favorites,orders,downloads,activity,stats";
  return (await (await server.call(`/api/snapshot?resources=${all}&limit=200`, { cookie })).json()).resources;
}

/** Asks the server for changes, as another device of the person would. */
export async function mutate(server, cookie, ...wishes) {
  const mutations = wishes.map(([kind, args]) => ({ id: crypto.randomUUID(), kind, args }));
  const reply = await server.call("/api/mutations", { method: "POST", cookie, body: { mutations } });
  expect(reply.status).toBe(200);
  return (await reply.json()).results;
}
