// A server that is killed again and again under load: what it acknowledged is never lost, versions never go back, and
// the pages end with what it has.
import { setInterval } from "node:timers/promises";
import { agrees, collect, dice, tookEffectOnce, verdicts } from "./scenario.mjs";
import { heart, live, snapshot } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

/** How often the server is killed. */
const KILLS = 10;
/** Changes that are sent in a second, over all people. */
const RATE = 200;
/** How long they are sent before a kill, in milliseconds, and how much longer at random. */
const LOAD_MS = 800;
const MORE_MS = 800;
/** Between looks at how many changes are due, in milliseconds. */
const TICK_MS = 10;

const SEED = Number(process.env.CRASH_SEED ?? 20261128);

/** A person whose changes come without a page, from the other devices that they might have. */
class Device {
  /** Changes that were sent, by id; the page's own are put here too. */
  sent = new Map();
  /** What the server said, by id. */
  acknowledged = new Map();
  #calls = new Set();

  constructor(server, cookie, beats, roll) {
    Object.assign(this, { server, cookie, beats, roll });
  }

  /** Sends one change; a call that is cut off is not sent again. */
  send() {
    const beat = this.beats[this.roll(this.beats.length)];
    const lines = [{ beat_id: beat.id, license: "basic" }];
    const [kind, args] =
      this.roll(20) === 0
        ? ["place_order", { order_id: crypto.randomUUID(), lines, expected_total: beat.price }]
        : ["set_favorite", { beat_id: beat.id, favorite: this.roll(2) === 0 }];
    const mutation = { id: crypto.randomUUID(), kind, args };
    this.sent.set(mutation.id, mutation);
    const call = this.#call(mutation).catch(() => {});
    this.#calls.add(call);
    call.then(() => this.#calls.delete(call));
  }

  async #call(mutation) {
    const body = { mutations: [mutation] };
    const reply = await this.server.call("/api/mutations", { method: "POST", cookie: this.cookie, body });
    expect(reply.status).toBe(200);
    const [result] = (await reply.json()).results;
    this.acknowledged.set(result.id, result);
  }

  /** Waits until no call is under way. */
  async rest() {
    await Promise.all(this.#calls);
  }

  /** The highest version that the server has acknowledged. */
  get version() {
    return Math.max(0, ...[...this.acknowledged.values()].map((result) => result.version ?? 0));
  }
}

/** Sends changes of all devices for a while, at the rate. */
async function load(devices, forMs) {
  const begun = performance.now();
  let sent = 0;
  for await (const _ of setInterval(TICK_MS)) {
    const passed = performance.now() - begun;
    for (; sent < (passed * RATE) / 1000; sent += 1) devices[sent % devices.length].send();
    if (passed >= forMs) return;
  }
}

test("a server killed ten times under load loses nothing it acknowledged", async ({
  server,
  signIn,
}) => {
  test.setTimeout(6 * 60_000);
  console.log(`crash: CRASH_SEED=${SEED}`);
  const roll = dice(SEED);
  const people = [];
  for (const name of ["ada", "ben"]) {
    const { cookie } = await server.session(name);
    const beats = (await (await server.call("/api/beats?limit=50", { cookie })).json()).items;
    const device = new Device(server, cookie, beats, roll);
    const page = await signIn(name);
    collect(page, device.sent);
    await live(page);
    people.push({ device, page, before: await snapshot(server, cookie), first: beats[0] });
  }
  const devices = people.map(({ device }) => device);
  const epochs = new Set();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const loaded = load(devices, LOAD_MS + roll(MORE_MS));
    // The pages have wishes of their own in flight when the server dies.
    for (const { page, first } of people) await heart(page, first.title).click();
    await loaded;
    await server.kill();
    await Promise.all(devices.map((device) => device.rest()));
    await server.start();
    for (const { cookie, version } of devices) {
      const reply = await (await server.call("/api/snapshot?resources=favorites", { cookie })).json();
      epochs.add(reply.epoch);
      expect(reply.version, "the version after the kill").toBeGreaterThanOrEqual(version);
    }
    // Every second time the pages have come back when the next blow falls.
    if (kill % 2 === 0) for (const { page } of people) await live(page);
  }
  expect(epochs.size, "one epoch, as nothing was restored").toBe(1);

  for (const { device, page, before } of people) {
    await live(page);
    await agrees(page, server, device.cookie);
    const settled = await verdicts(server, device.cookie, [...device.acknowledged.keys()]);
    const lost = [...device.acknowledged.values()].filter(
      ({ id, outcome, version }) =>
        settled[id]?.outcome !== outcome || (outcome === "accepted" && settled[id].version !== version),
    );
    expect(lost, "acknowledged, and not known any more").toEqual([]);
    const accepted = await tookEffectOnce(server, device.cookie, before, device.sent);
    const { sent, acknowledged } = device;
    console.log(`crash: ${sent.size} sent, ${acknowledged.size} acknowledged, ${accepted.length} accepted`);
    expect(acknowledged.size, "the server answered between the blows").toBeGreaterThan(KILLS * 20);
  }
});
