import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { inProject } from "./project.mjs";

const POLL_MS = 200;

/** After this time the holder is gone, even if a process has its number (after a reboot, for example). */
const LONGEST_WORK_MS = 15 * 60_000;

/**
 * Runs `work` while no other process of this project does, so that two starts at once do not install or build into each
 * other. Takes over the lock of a dead process.
 */
export async function withSetupLock(work) {
  const file = inProject(".cache", "setup.lock");
  mkdirSync(inProject(".cache"), { recursive: true });
  for (let told = false; !take(file); told = true) {
    if (!told) console.log("Waiting for another start that is still installing or building …");
    await sleep(POLL_MS);
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** Linking a finished file is atomic: the lock appears with its content or not at all. */
function take(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  if (isAbandoned(file)) rmSync(file, { force: true });
  return false;
}

function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > LONGEST_WORK_MS) return true;
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return false;
  } catch (error) {
    // ENOENT: the holder released the lock meanwhile. EPERM: the holder is alive and belongs to another user.
    return error.code === "ESRCH";
  }
}
