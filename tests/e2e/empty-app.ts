import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { appEnvironment, freePort } from "../support/app-process";

export interface EmptyApp {
  /** The link that the start prints for the first administrator. */
  link: string;
  close(): Promise<void>;
}

/**
 * Starts the built app without any company.
 * @throws if it ends before it prints its link
 */
export async function startEmptyApp(): Promise<EmptyApp> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-empty-"));
  const child = spawn(process.execPath, ["server.mjs"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: appEnvironment({ port: await freePort(), dataDir }),
  });
  const ended = once(child, "exit");
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  // Keeps reading its output, because a closed pipe would cause an error.
  const lines = createInterface(child.stdout);
  const link = await new Promise<string | undefined>((resolve) => {
    lines.on("line", (line) => {
      const found = /Create the first administrator here \(works once\): (\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    lines.once("close", () => resolve(undefined));
  });
  if (link !== undefined) return { link, close };
  await close();
  throw new Error("The app with nobody in it ended before it gave its link.");
}
