// A random course of what a person does in the dashboard, and what has to hold at its end: shared by the tests that
// run one. Every course comes from a seed that is printed and can be given again.
import { favorites, open, snapshot } from "./dashboard.mjs";
import { expect } from "./harness.mjs";

/** Longest wait for a button that is to be pressed, in milliseconds: its row may go while it is being pressed. */
const PRESS_MS = 1000;

/** Only the first rows are acted on, so that wishes meet each other. */
const ROWS = 10;

/** Most ids that one snapshot request asks the verdicts of. */
const IDS_PER_REQUEST = 200;

/** Numbers below `limit`, the same for the same seed (mulberry32). */
export function dice(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Presses one of the buttons of the page that bear a name, if there is one. */
export async function press(page, roll, name) {
  const buttons = page.getByRole("main").getByRole("button", { name });
  const count = await buttons.count();
  if (count > 0) await buttons.nth(roll(Math.min(count, ROWS))).click({ timeout: PRESS_MS }).catch(() => {});
}

/** What a page shows of a list: ids of its rows, newest first. */
async function rows(page, tab) {
  await open(page, tab);
  const list = tab === "Orders" ? page.getByRole("table", { name: tab }) : page.getByRole("list", { name: tab });
  return () => list.locator("[data-id]").evaluateAll((found) => found.map((row) => row.dataset.id));
}

/** Waits until nothing is pending on a page and its lists are what the server has. */
export async function agrees(page, server, cookie) {
  await expect(page.locator('[data-pending="true"]')).toHaveCount(0, { timeout: 30_000 });
  for (const tab of ["Favorites", "Orders", "Downloads", "Activity"]) {
    const shown = await rows(page, tab);
    const difference = async () => {
      const { items } = (await snapshot(server, cookie))[tab.toLowerCase()];
      const there = await shown();
      // A page shows the newest rows, the reply may hold more of them or fewer.
      const length = Math.min(there.length, items.length);
      const wanted = items.slice(0, length).map((item) => item.id ?? item.beat_id);
      if (length === 0 && items.length > 0) return "nothing is shown";
      const first = wanted.findIndex((id, index) => id !== there[index]);
      return first < 0 ? "" : `row ${first} is ${there[first]} and should be ${wanted[first]}`;
    };
    await expect.poll(difference, { message: `${tab} is what the server has` }).toBe("");
  }
}

/** Collects the changes that a page sends, by id. */
export function collect(page, sent) {
  page.on("request", (request) => {
    if (!request.url().endsWith("/api/mutations")) return;
    for (const mutation of request.postDataJSON().mutations) sent.set(mutation.id, mutation);
  });
}

/** The server's verdicts on changes; those that it never ran have none. */
export async function verdicts(server, cookie, ids) {
  const settled = {};
  for (let from = 0; from < ids.length; from += IDS_PER_REQUEST) {
    const asked = ids.slice(from, from + IDS_PER_REQUEST).join(",");
    const reply = await server.call(`/api/snapshot?resources=stats&pending=${asked}`, { cookie });
    Object.assign(settled, (await reply.json()).settled);
  }
  return settled;
}

/** All rows of a list, page after page. */
async function all(server, cookie, list) {
  const rows = [];
  for (let cursor = ""; cursor !== undefined; ) {
    const page = await (await server.call(`/api/${list}?limit=200${cursor}`, { cookie })).json();
    rows.push(...page.items);
    cursor = page.next_cursor ? `&cursor=${encodeURIComponent(page.next_cursor)}` : undefined;
  }
  return rows;
}

/** How often each id stands among the values. */
function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * The marks after the accepted changes, in the order of their commits, and which of the changes had something to do:
 * a beat that is marked is not marked again.
 */
function replayed(before, changes) {
  const marked = new Set(before);
  const effective = new Set();
  for (const { id, args } of changes) {
    if (marked.has(args.beat_id) === args.favorite) continue;
    effective.add(id);
    if (args.favorite) marked.add(args.beat_id);
    else marked.delete(args.beat_id);
  }
  return { marked, effective };
}

/**
 * Looks at all that `sent` changes did, since the snapshot `before` and while nobody else changed anything: each that
 * was accepted took effect once, the others never. Gives the accepted ones.
 */
export async function tookEffectOnce(server, cookie, before, sent) {
  const settled = await verdicts(server, cookie, [...sent.keys()]);
  const accepted = [...sent.values()].filter(({ id }) => settled[id]?.outcome === "accepted");
  const of = (kind) => accepted.filter((mutation) => mutation.kind === kind);

  // Hearts: the changes in the order of their commits lead to what the server has. One that found its beat marked
  // already bears the version of the commit before it, so it comes after the one that left a line.
  const lines = counted((await all(server, cookie, "activity")).map((row) => row.mutation_id).filter(Boolean));
  const place = ({ id }) => settled[id].version + (lines.has(id) ? 0 : 0.5);
  const inOrder = of("set_favorite").sort((one, other) => place(one) - place(other));
  const { marked, effective } = replayed(before.favorites.ids, inOrder);
  expect([...(await favorites(server, cookie)).ids].sort(), "hearts").toEqual([...marked].sort());

  // Every change that had something to do stands once in the person's activity, and no other change does.
  const wanted = accepted.filter(({ id, kind }) => kind !== "set_favorite" || effective.has(id));
  const noted = [...sent.keys()].filter((id) => lines.has(id));
  expect(noted.sort(), "changes with an effect").toEqual(wanted.map(({ id }) => id).sort());
  expect([...lines].filter(([id, count]) => sent.has(id) && count !== 1), "each has one effect").toEqual([]);

  // Orders and downloads: one for each that was accepted, none besides.
  for (const [list, kind, key] of [
    ["orders", "place_order", "order_id"],
    ["downloads", "request_download", "download_id"],
  ]) {
    const had = new Set(before[list].items.map((row) => row.id));
    const made = (await all(server, cookie, list)).map((row) => row.id).filter((id) => !had.has(id));
    expect(made.sort(), list).toEqual(of(kind).map(({ args }) => args[key]).sort());
  }
  return accepted;
}
