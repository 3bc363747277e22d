// What a page tells about its connection, noted as it changes, and whether that was true.

/** A drop that is over by then does not show, in milliseconds. */
const BLIP_MS = 4000;
/** From this age on a drop is a pause and has a banner, in milliseconds. */
const PAUSED_MS = 10_000;
/** How long a shown state stays at least, in milliseconds. */
const SHOWN_MIN_MS = 2000;
/** What a loaded machine may be late by, in milliseconds. */
const SLACK_MS = 1000;
/** What a loaded machine may draw late, so that a drop seems younger than it is, in milliseconds. */
const DRAWN_LATE_MS = 500;

/** The banner of the connection. */
export function banner(page) {
  return page.getByRole("region", { name: "Connection" });
}

/** Notes, in all pages of a context, every change of what is told, with its time, for `seen`. */
export async function record(context) {
  await context.addInitScript(() => {
    const seen = [];
    window.__seen = seen;
    const note = () => {
      const pill = document.querySelector('[data-variant="compact"]');
      if (!pill) return;
      const { status, state } = pill.dataset;
      const banner = document.querySelector("[data-banner]")?.dataset.tone ?? "";
      const regions = document.querySelectorAll('.visually-hidden[role="status"], .visually-hidden[role="alert"]');
      const said = [...regions].map((region) => region.textContent).join("|");
      const now = JSON.stringify([status, state, banner, said]);
      if (seen.at(-1)?.now !== now) seen.push({ at: Date.now(), now, status, state, banner, said });
    };
    new MutationObserver(note).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
}

/** What was told from a time on; the first entry is what stood then. */
export async function seen(page, since = 0) {
  const all = await page.evaluate(() => window.__seen);
  const first = all.findLastIndex(({ at }) => at <= since);
  return all.slice(Math.max(first, 0));
}

/** A line for each change, for people. */
export function story(entries, since) {
  return entries
    .map(({ at, status, state, banner, said }) => `${at - since} ms: ${status}, ${state} ${banner} ${said}`)
    .join("\n");
}

/**
 * Sentences about where a page contradicted the truth for longer than it may, in an outage from `down` to `healed`.
 *
 * - `entries`: what `seen` gave, up to the end of the outage's traces.
 * - `isTotal`: nothing got through, so polling cannot have worked either.
 * - `isStarting`: there was no connection before, so that nothing was there to be kept.
 */
export function contradictions(entries, { down, healed, isTotal, isStarting = false }) {
  const found = [];
  const blame = (at, what) => found.push(`${at - down} ms after the drop: ${what}`);
  const until = (index) => entries[index + 1]?.at ?? Date.now();

  let droppedAt;
  let changedAt;
  for (const [index, { at, status, state, banner }] of entries.entries()) {
    if (status !== "connected") droppedAt ??= at;
    else if (state === "live") droppedAt = undefined;
    const age = (time) => (droppedAt === undefined ? 0 : time - droppedAt);
    const isDown = droppedAt !== undefined && status !== "connected";
    const kept = isStarting ? ["live", "starting"] : ["live"];
    if (isDown && kept.includes(state) && age(until(index)) > BLIP_MS + SLACK_MS) {
      blame(until(index), `"${state}" for ${age(until(index))} ms of a drop`);
    }
    if (index > 0 && !kept.includes(state) && age(at) < BLIP_MS - DRAWN_LATE_MS) {
      blame(at, `"${state}" although the drop is ${age(at)} ms old`);
    }
    if (state === "paused" && age(at) < PAUSED_MS - DRAWN_LATE_MS) blame(at, `"paused" at ${age(at)} ms`);
    // When all is well again the banner's last moment may be drawn after the indicator.
    const isEarly = droppedAt !== undefined && age(at) < PAUSED_MS - DRAWN_LATE_MS;
    if (banner && banner !== "back" && isEarly) blame(at, `a banner at ${age(at)} ms`);
    if (["offline", "unreachable", "signed-out"].includes(state)) blame(at, `"${state}"`);
    if (state === "delayed" && isTotal && at < healed) blame(at, '"delayed", but no poll can have worked');
    const isLate = status === "connected" && state !== "live" && at > healed;
    if (isLate && until(index) - at > SHOWN_MIN_MS + SLACK_MS) {
      blame(at, `"${state}" for ${until(index) - at} ms while connected`);
    }
    if (index > 0 && state !== entries[index - 1].state) {
      const wasStarting = entries[index - 1].state === "starting";
      if (changedAt !== undefined && !wasStarting && at - changedAt < SHOWN_MIN_MS - DRAWN_LATE_MS) {
        blame(at, `"${entries[index - 1].state}" stood for ${at - changedAt} ms only`);
      }
      changedAt = at;
    }
  }
  return found;
}
