// What the browser tests talk to. For each folder of them a Level simulator, and an app with three companies that have an
// administrator each; and an app with nobody in it. All begin side by side. Once each of them answers, one line says so,
// with the link for whoever is the first in the last app. On SIGTERM they end, and what they stored is removed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const ports = JSON.parse(process.env.E2E_PORTS);
const folder = mkdtempSync(path.join(tmpdir(), "plumbline-e2e-"));
const children = new Set();

const SIMULATOR = "tests/level-simulator/main.ts";

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => void end(0));

/** Nothing of the environment of whoever runs the tests says how the app runs. */
const ofApp = /^(INNGEST_|ADMIN_|APP_SECRET|DATABASE_URL|EDITION|FEATURE_FLAGS|\w+_SYNC_TRANSPORT)/;
const cleanEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofApp.test(name)));

function start(args, env, stdout = "inherit") {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", stdout, "inherit"],
    env: { ...cleanEnv, NODE_ENV: "production", LOG_LEVEL: "warn", ...env },
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

async function end(code) {
  const ended = [...children].map((child) => once(child, "exit"));
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(ended);
  process.exit(code);
}

function startApp({ app, simulator }, dataDir, stdout) {
  const settings = {
    PORT: String(app),
    PUBLIC_URL: `http://localhost:${app}`,
    LEVELIO_API_BASE_URL: `http://127.0.0.1:${simulator}`,
    DATA_DIR: dataDir,
  };
  return start(["server.mjs"], settings, stdout);
}

const ADMINISTRATORS = [
  ["My company", "Administrator", "admin@example.com"],
  ["Other company", "other", "other@example.com"],
  ["New company", "new", "new@example.com"],
];

/** One process at a time may have the embedded database. */
async function storeCompanies(dataDir) {
  for (const [company, name, email] of ADMINISTRATORS) {
    const person = ["--company", company, "--name", name, "--email", email];
    const add = start(["--import", "tsx", "cli/main.ts", "user", "add", ...person], {
      DATA_DIR: dataDir,
      PASSWORD: "correct horse battery",
    });
    const [code] = await once(add, "exit");
    if (code !== 0) throw new Error(`${email} could not be added.`);
  }
}

async function startInhabited() {
  const kept = path.join(folder, "kept");
  await storeCompanies(kept);
  for (const [name, their] of Object.entries(ports.folders)) {
    const dataDir = path.join(folder, name);
    cpSync(kept, dataDir, { recursive: true });
    startApp(their, dataDir);
  }
}

/** Returns the link that it prints. What it prints later is read as well: a closed pipe would be a fault of its own. */
function startEmpty() {
  const { stdout } = startApp(ports.empty, path.join(folder, "empty"), "pipe");
  return new Promise((resolve, reject) => {
    const lines = createInterface(stdout);
    lines.on("line", (line) => {
      const link = /Create the first administrator here \(works once\): (\S+)/.exec(line)?.[1];
      if (link !== undefined) resolve(link);
    });
    lines.once("close", () => reject(new Error("The app with nobody in it ended before it gave its link.")));
  });
}

async function untilItAnswers(url) {
  while (!(await fetch(url).catch(() => undefined))?.ok) await sleep(200);
}

try {
  for (const { simulator } of Object.values(ports.folders)) {
    start(["--import", "tsx", SIMULATOR, "--port", String(simulator), "--devices", "120"]);
  }
  const [link] = await Promise.all([startEmpty(), startInhabited()]);
  const answering = Object.values(ports.folders).flatMap(({ app, simulator }) => [
    `http://localhost:${app}/healthz`,
    `http://127.0.0.1:${simulator}/_control/stats`,
  ]);
  await Promise.all(answering.map(untilItAnswers));
  console.log(`The browser tests can begin; the first administrator's link: ${link}`);
} catch (error) {
  console.error(error);
  await end(1);
}
