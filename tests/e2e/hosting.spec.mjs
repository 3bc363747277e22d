// Any host that answers unknown addresses with index.html serves the application: at the top of an origin, and below a path
// when it is built for that. The host here is a plain one, with the API of a server passed through.
import { createReadStream, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { live } from "./dashboard.mjs";
import { dist, expect, signInOn, test as base } from "./harness.mjs";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The file of a folder that an address gets: its own, or the page. */
function fileOf(folder, path) {
  const file = join(folder, path);
  return existsSync(file) && statSync(file).isFile() ? file : join(folder, "index.html");
}

/** Serves `folder` below `path`, and passes on to a server what is not below it. */
async function host(folder, path, server) {
  const to = { host: "127.0.0.1", port: server.port };
  const isOurs = (url) => url.startsWith(path) && !url.startsWith("/api/");
  const plain = createServer((asked, reply) => {
    if (isOurs(asked.url)) {
      const file = fileOf(folder, new URL(asked.url, "http://host").pathname.slice(path.length));
      reply.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(reply);
      return;
    }
    const { method, headers, url } = asked;
    const passed = request({ ...to, method, headers, path: url }, (answer) => {
      reply.writeHead(answer.statusCode, answer.headers);
      answer.pipe(reply);
    });
    passed.on("error", () => reply.destroy());
    asked.pipe(passed);
  });
  plain.on("upgrade", (asked, socket, head) => {
    const passed = connect(to.port, to.host, () => {
      const lines = [];
      for (let at = 0; at < asked.rawHeaders.length; at += 2) {
        lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
      }
      passed.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      passed.write(head);
      passed.pipe(socket).pipe(passed);
    });
    for (const end of [passed, socket]) end.on("error", () => end.destroy());
  });
  plain.listen(0, "127.0.0.1");
  await once(plain, "listening");
  return plain;
}

/** The application as `trunk build --public-url` makes it: the path stands in the page alone. */
function builtFor(path, folder) {
  cpSync(dist, folder, { recursive: true });
  const page = join(folder, "index.html");
  const text = readFileSync(page, "utf8");
  const quoted = /((?:href|src)="?)\/(?=[^/"]*\.(?:css|js|svg|wasm))/g;
  const placed = text.replace(quoted, `$1${path}`).replace(/<base href="?\/"?/, `<base href="${path}"`);
  if (placed === text || !placed.includes(`<base href="${path}"`)) throw new Error("the page names no addresses");
  writeFileSync(page, placed);
}

const test = base.extend({
  /** Where the application lives. */
  path: ["/", { option: true }],

  /** A page of a new browser at a host, and the origin of it. */
  visit: async ({ server, path, newContext }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "dashboard-host-"));
    if (path === "/") cpSync(dist, folder, { recursive: true });
    else builtFor(path, folder);
    const plain = await host(folder, path, server);
    const baseURL = `http://127.0.0.1:${plain.address().port}`;
    await use(await (await newContext({ baseURL })).newPage());
    plain.closeAllConnections();
    plain.close();
    rmSync(folder, { recursive: true, force: true });
  },
});

const title = (page, name) => page.getByRole("heading", { name, level: 1 });

for (const path of ["/", "/store/"]) {
  test.describe(`at ${path}`, () => {
    test.use({ path });

    test(`a plain host serves every page and the demonstration at ${path}`, async ({ visit: page }) => {
      await signInOn(page, "ada", `${path}orders/`);
      await expect(title(page, "Orders")).toBeVisible();
      await live(page);
      await expect(page.getByRole("link", { name: "Orders" })).toHaveAttribute("aria-current", "page");
      await page.getByRole("link", { name: "Downloads" }).click();
      await expect(page).toHaveURL(new RegExp(`${path}downloads$`));
      await expect(title(page, "Downloads")).toBeVisible();
      await page.reload();
      await expect(title(page, "Downloads")).toBeVisible();

      for (const address of ["demo", "demo/"]) {
        await page.goto(path + address);
        await expect(page.locator('[data-variant="full"]')).toHaveAttribute("data-state", "live", { timeout: 15_000 });
      }
      await page.getByRole("link", { name: "Overview" }).click();
      await expect(page).toHaveURL(new RegExp(`${path}overview$`));
      await expect(title(page, "Overview")).toBeVisible();
      await page.goto(`${path}nowhere`);
      await page.getByRole("link", { name: /overview/i }).click();
      await expect(page).toHaveURL(new RegExp(`${path}overview$`));
    });

    test(`the skip link stays on its page at ${path}`, async ({ visit: page }) => {
      await signInOn(page, "ada", `${path}orders`);
      await expect(title(page, "Orders")).toBeVisible();
      await page.evaluate(() => (window.isSamePage = true));
      await page.getByRole("link", { name: "Skip to content" }).press("Enter");
      await expect(page.locator("#main")).toBeFocused();
      expect(await page.evaluate(() => window.isSamePage)).toBe(true);
    });
  });
}
