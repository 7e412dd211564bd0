import { spawn } from "node:child_process";
import { once } from "node:events";

import { expect, it } from "vitest";

it("a command on the embedded database ends in order, with exit code 0", async () => {
  const args = ["--import", "tsx", "tests/support/open-and-close.ts"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  expect({ code, said }).toEqual({ code: 0, said: "closed\n" });
});
