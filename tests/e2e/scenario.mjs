// A random course of what a person does in the dashboard, and what has to hold at its end: shared by the tests that
// run one. Every course comes from a seed that is printed and can be given again.
import { favorites, open, snapshot, statistic } from "./dashboard.mjs";
import { expect } from "./harness.mjs";

/** Longest wait for a button that is to be pressed, in milliseconds: its row may go while it is being pressed. */
const PRESS_MS = 1000;

/** Only the first rows are acted on, so that wishes meet each other. */
const ROWS = 10;

/** The button under a list that goes on. */
const OLDER = "Show older";

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

/** What a page shows of a list: ids of its rows with their status, newest first. */
async function rows(page, tab) {
  const list = tab === "Orders" ? page.getByRole("table", { name: tab }) : page.getByRole("list", { name: tab });
  const row = (found) => found.map(({ dataset }) => [dataset.id, dataset.status].filter(Boolean).join(" "));
  return list.locator("[data-id]").evaluateAll(row);
}

/** How a list on a page differs from what the server has; nothing if it does not. */
async function difference(page, server, cookie, tab) {
  const { items } = (await snapshot(server, cookie))[tab.toLowerCase()];
  const there = await rows(page, tab);
  // The page holds a window of the newest rows, which shrinks as rows go; then it offers the older ones.
  const offersMore = await page.getByRole("main").getByRole("button", { name: OLDER }).isVisible();
  if (there.length < items.length && (there.length === 0 || !offersMore)) {
    return `${there.length} of ${items.length} rows are shown, and no more offered`;
  }
  const wanted = items.map((item) => [item.id ?? item.beat_id, item.status].filter(Boolean).join(" "));
  const first = there.slice(0, wanted.length).findIndex((row, index) => row !== wanted[index]);
  return first < 0 ? "" : `row ${first} is ${there[first]} and should be ${wanted[first]}`;
}

/** How the numbers and hearts of the overview differ from what the server has. */
async function overviewDifference(page, server, cookie) {
  const { stats, favorites: marks } = await snapshot(server, cookie);
  for (const term of ["Favorites", "Orders", "Downloads"]) {
    const shown = await statistic(page, term);
    const wanted = stats.data[term.toLowerCase()];
    if (shown !== wanted) return `${term} are ${shown} and should be ${wanted}`;
  }
  const marked = new Set(marks.ids);
  const hearts = await page
    .getByRole("list", { name: "Catalog" })
    .locator("[data-id]")
    .evaluateAll((found) =>
      found.map((row) => [row.dataset.id, row.querySelector("[aria-pressed]").getAttribute("aria-pressed") === "true"]),
    );
  const wrong = hearts.find(([id, pressed]) => pressed !== marked.has(id));
  return wrong ? `the heart of ${wrong[0]} is ${wrong[1]}` : "";
}

/** Waits until the numbers and hearts of the overview, which the page shows, are what the server has. */
export async function overviewAgrees(page, server, cookie) {
  await expect
    .poll(() => overviewDifference(page, server, cookie), { message: "the overview is what the server has" })
    .toBe("");
}

/** Waits until nothing is pending on a page, and everything that it shows is what the server has. */
export async function agrees(page, server, cookie) {
  await expect(page.locator('[data-pending="true"]')).toHaveCount(0, { timeout: 30_000 });
  for (const tab of ["Favorites", "Orders", "Downloads", "Activity"]) {
    await open(page, tab);
    await expect.poll(() => difference(page, server, cookie, tab), { message: `${tab} is what the server has` }).toBe("");
  }
  await open(page, "Overview");
  await overviewAgrees(page, server, cookie);
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
 * The marks after the accepted changes, in the order of their commits, and which of the changes had something to do: a
 * beat that is marked is not marked again, and what was taken back is not taken back again.
 */
function replayed(before, changes) {
  const marked = new Set(before);
  const cancelled = new Set();
  const hasEffect = ({ kind, args }) => {
    if (kind === "set_favorite") {
      if (marked.has(args.beat_id) === args.favorite) return false;
      if (args.favorite) marked.add(args.beat_id);
      else marked.delete(args.beat_id);
    } else if (kind.startsWith("cancel_")) {
      const target = args.order_id ?? args.download_id;
      if (cancelled.has(target)) return false;
      cancelled.add(target);
    }
    return true;
  };
  return { effective: changes.filter(hasEffect), marked };
}

/**
 * Looks at all that `sent` changes did, since the snapshot `before` and while nobody else changed anything: each that
 * was accepted took effect once, the others never. Gives the accepted ones.
 */
export async function tookEffectOnce(server, cookie, before, sent) {
  const settled = await verdicts(server, cookie, [...sent.keys()]);
  const accepted = [...sent.values()].filter(({ id }) => settled[id]?.outcome === "accepted");
  const of = (kind) => accepted.filter((mutation) => mutation.kind === kind);

  // Hearts: the changes in the order of their commits lead to what the server has. One that found nothing to do bears
  // the version of the commit before it, so it comes after the one that left a line.
  const lines = counted((await all(server, cookie, "activity")).map((row) => row.mutation_id).filter(Boolean));
  const place = ({ id }) => settled[id].version + (lines.has(id) ? 0 : 0.5);
  const inOrder = accepted.toSorted((one, other) => place(one) - place(other));
  const { effective, marked } = replayed(before.favorites.ids, inOrder);
  expect([...(await favorites(server, cookie)).ids].sort(), "hearts").toEqual([...marked].sort());

  // Every change that had something to do stands once in the person's activity, and no other change does.
  const noted = [...sent.keys()].filter((id) => lines.has(id));
  expect(noted.sort(), "changes with an effect").toEqual(effective.map(({ id }) => id).sort());
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
