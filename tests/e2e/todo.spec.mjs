// The todo example: another domain than the dashboard's, with a server of its own that is written from the protocol's
// pages. TODO_SERVER names that server's program, TODO_DIST the folder of the built application.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { test as base, expect, freePort } from "./harness.mjs";

const root = resolve(import.meta.dirname, "../..");
const suffix = process.platform === "win32" ? ".exe" : "";
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const program = process.env.TODO_SERVER ?? join(target, "debug", `todo-server${suffix}`);
const dist = process.env.TODO_DIST ?? join(target, "todo");

/** The example's server. It keeps its port when it is started again, and nothing else. */
class TodoServer {
  #process;

  constructor(port) {
    this.port = port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    const flags = ["--port", String(this.port), "--dist", dist];
    this.#process = spawn(program, flags, { stdio: ["ignore", "ignore", "inherit"] });
    const answers = () => fetch(`${this.url}/api/session`).then((reply) => reply.status, () => 0);
    await expect.poll(answers, { intervals: [20, 50, 100], message: "the todo server answers" }).toBe(200);
  }

  async stop() {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}

const test = base.extend({
  server: async ({}, use) => {
    for (const needed of [program, join(dist, "index.html")]) {
      if (!existsSync(needed)) throw new Error(`${needed} is missing: build the todo example and its server`);
    }
    const server = new TodoServer(await freePort());
    try {
      await server.start();
      await use(server);
    } finally {
      await server.stop();
    }
  },

  /** Opens the list in a browser of its own. */
  open: async ({ newContext }, use) => {
    await use(async () => {
      const page = await (await newContext()).newPage();
      await page.goto("/");
      await live(page);
      return page;
    });
  },
});

async function live(page) {
  await expect(page.getByRole("status")).toHaveText("Connection: live");
}

async function add(page, title) {
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Add" }).click();
}

/** The rows of the list, newest first. */
function rows(page) {
  return page.getByRole("list", { name: "Todos" }).getByRole("listitem");
}

/** Rows that the server has confirmed, in two browsers, and the count beside them. */
async function bothShow(pages, titles) {
  for (const page of pages) {
    await expect(rows(page)).toHaveText(titles);
    await expect(page.locator("[data-pending]")).toHaveCount(0);
    await expect(page.getByText(`There are ${titles.length}.`)).toBeVisible();
  }
}

test("two browsers see each other's todos live", async ({ open }) => {
  const pages = [await open(), await open()];
  await add(pages[0], "Water the plants");
  await bothShow(pages, ["Water the plants"]);
  await add(pages[1], "Feed the cat");
  await bothShow(pages, ["Feed the cat", "Water the plants"]);
});

test("a new todo shows at once, and is confirmed when the server answers", async ({ open }) => {
  const page = await open();
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  await page.route("**/api/mutations", async (route) => {
    await answered;
    await route.continue();
  });
  await add(page, "Water the plants");
  await expect(rows(page)).toHaveText(["Water the plants (saving…)"]);
  await expect(rows(page).first()).toHaveAttribute("data-pending", "true");
  await expect(page.getByText("There are 1.")).toBeVisible();
  answer();
  await bothShow([page], ["Water the plants"]);
});

test("a rejected todo goes again, and the reason stays until it is dismissed", async ({ open }) => {
  const page = await open();
  for (const title of ["x".repeat(81), " "]) {
    await add(page, title);
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("Not added: a title has 1 to 80 characters.");
    await expect(rows(page)).toHaveCount(0);
    await expect(page.getByText("There are 0.")).toBeVisible();
    await alert.getByRole("button", { name: "Dismiss" }).click();
    await expect(alert).toHaveCount(0);
  }
});

test("a title that is typed finds the todos with it", async ({ open }) => {
  const page = await open();
  await add(page, "Water the plants");
  await add(page, "Feed the cat");
  await bothShow([page], ["Feed the cat", "Water the plants"]);
  await page.getByLabel("Title").fill("plants");
  const similar = page.getByRole("list", { name: "Similar" });
  await expect(similar.getByRole("listitem")).toHaveText(["Water the plants"]);
});

test("older todos are read page by page", async ({ open, server }) => {
  const mutations = Array.from({ length: 60 }, (_, index) => ({
    id: crypto.randomUUID(),
    kind: "add_todo",
    args: { id: crypto.randomUUID(), title: `Todo ${index}` },
  }));
  const reply = await fetch(`${server.url}/api/mutations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ mutations }),
  });
  expect(reply.status).toBe(200);
  const page = await open();
  await expect(rows(page)).toHaveCount(50);
  await page.getByRole("button", { name: "Show older" }).click();
  await expect(rows(page)).toHaveCount(60);
  await expect(page.getByRole("button", { name: "Show older" })).toHaveCount(0);
});

test("after a restart, which forgets everything, both browsers work again", async ({ open, server }) => {
  const pages = [await open(), await open()];
  await add(pages[0], "Water the plants");
  await bothShow(pages, ["Water the plants"]);
  await server.stop();
  await server.start();
  await Promise.all(pages.map(live));
  await bothShow(pages, []);
  await add(pages[1], "Feed the cat");
  await bothShow(pages, ["Feed the cat"]);
  await add(pages[0], "Sweep the yard");
  await bothShow(pages, ["Sweep the yard", "Feed the cat"]);
});
