// What a user sees whose system forces its own colours: everything that our colours say must be painted otherwise.
import { indicator, live, open } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

/** Room around an element, for its outline, in CSS pixels. */
const AROUND_PX = 6;

/** What is painted of an element and around it. */
async function painted(page, element) {
  await element.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await element.boundingBox();
  const clip = { x: x - AROUND_PX, y: y - AROUND_PX, width: width + 2 * AROUND_PX, height: height + 2 * AROUND_PX };
  return (await page.screenshot({ clip, animations: "disabled" })).toString("base64");
}

/** Fails unless a change of an element is seen. */
async function expectSeen(what, locator, change) {
  const page = locator.page();
  // The same one, although the change may be what it was found by.
  const element = await locator.elementHandle();
  const before = await painted(page, element);
  await element.evaluate(change);
  expect((await painted(page, element)) !== before, `${what} is seen`).toBe(true);
}

test("in forced colors, progress, connection, pressed hearts and the focus are seen", async ({ signIn }) => {
  const page = await signIn("ada", { path: "/downloads" });
  await page.emulateMedia({ forcedColors: "active" });
  await live(page);

  // Prepared again, it has a bar for a moment; a copy stays.
  await page.getByRole("button", { name: /^Get again: / }).first().click();
  await page.locator(".download-row-progress").first().evaluate((bar) => {
    const copy = bar.cloneNode();
    copy.id = "bar";
    copy.setAttribute("max", "100");
    copy.setAttribute("value", "10");
    document.querySelector("h1").append(copy);
  });
  await expectSeen("progress", page.locator("#bar"), (bar) => bar.setAttribute("value", "90"));

  const pill = indicator(page).getByRole("button").first();
  await expectSeen("the edge of the connection", pill, (pill) => (pill.style.borderColor = "Canvas"));
  await expectSeen("the icon of the connection", pill.locator("svg"), (icon) => (icon.style.visibility = "hidden"));

  const current = page.getByRole("navigation", { name: "Dashboard" }).locator("[aria-current]");
  await expectSeen("the current tab", current, (link) => link.removeAttribute("aria-current"));

  await open(page, "Overview");
  const hearts = page.getByRole("list", { name: "Catalog" }).getByRole("button", { name: /^Favorite / });
  await page.mouse.move(0, 0);
  for (const pressed of ["true", "false"]) {
    const one = hearts.and(page.locator(`[aria-pressed="${pressed}"]`)).first();
    await expectSeen(`a heart that is pressed: ${pressed}`, one, (heart) => {
      heart.ariaPressed = heart.ariaPressed === "true" ? "false" : "true";
    });
  }

  const link = page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name: "Orders" });
  const buy = page.getByRole("list", { name: "Catalog" }).getByRole("button", { name: /^Buy / }).first();
  // The focus is shown to those who use the keyboard.
  await page.keyboard.press("Tab");
  for (const control of [pill, link, buy, hearts.first(), page.getByRole("searchbox", { name: "Search" })]) {
    await expectSeen("the focus", control, (control) => control.focus());
  }
});
