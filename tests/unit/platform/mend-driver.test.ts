import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { mended } from "../../../scripts/lib/driver-hooks.mjs";

it("the installed database driver is one that the patch fits", () => {
  const source = readFileSync("node_modules/postgres/src/connection.js", "utf8");
  expect(mended(source)).toContain("if (socket === null)");
});
