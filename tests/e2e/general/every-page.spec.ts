import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "@playwright/test";

import { ensureFleet, signIn } from "../prepared";
import {
  barriersOf,
  budgets,
  complaintsOf,
  excessWidth,
  keepPicture,
  loadOf,
  looks,
  noteShifts,
  putOn,
  wear,
} from "../support";
import { areas, ensureDelivery, open, views } from "./views";

/** Routes with content of their own: neither data alone nor a frame around others. */
function pagesOfApp(): string[] {
  return readdirSync("app/routes")
    .filter((file) => file.endsWith(".tsx"))
    .filter((file) => {
      const source = readFileSync(`app/routes/${file}`, "utf8");
      return /^export default /m.test(source) && !source.includes("<Outlet");
    })
    .map((file) => file.replace(/\.tsx$/, ""));
}

test("every page of the app is among those that the tests visit", () => {
  expect(Object.keys(views).sort()).toEqual(pagesOfApp().sort());
});

test.describe("every page is accessible, free of console errors and layout shifts, and fits: light and dark, wide and on a phone", () => {
  test.use({ timezoneId: "Europe/Berlin", permissions: ["clipboard-read", "clipboard-write"] });

  for (const [area, itsViews] of areas())
    test(area, async ({ page, context }, info) => {
      // Milliseconds, far beyond what it takes: a busy machine must not fail it.
      test.setTimeout(300_000);
      await noteShifts(context);
      // The browser's own dialog before leaving a page with changes.
      page.on("dialog", (dialog) => void dialog.accept());
      await signIn(page);
      await ensureFleet(page);
      await ensureDelivery(page);
      const complaints = complaintsOf(page);
      for (const [name, view] of itsViews)
        await test.step(name, async () => {
          await putOn(page, looks[0]!);
          await open(page, view);
          await expect(page.getByRole("heading", { level: 1, includeHidden: true })).toBeVisible();
          const { scriptBytes, shift } = await loadOf(page);
          expect.soft(scriptBytes, `${name}: compressed scripts`).toBeGreaterThan(0);
          expect.soft(scriptBytes, `${name}: compressed scripts`).toBeLessThan(budgets.scriptBytes);
          expect.soft(shift, `${name}: layout shift`).toBeLessThanOrEqual(budgets.shift);
          for (const look of looks) {
            await wear(page, look);
            const picture = `${name}-${look.scheme}-${look.width}`;
            if (look.axe) expect.soft(await barriersOf(page), picture).toEqual([]);
            expect.soft(await excessWidth(page), picture).toBeLessThanOrEqual(0);
            await keepPicture(page, info, picture);
          }
        });
      // The browser itself reports the missing page.
      expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
    });
});
