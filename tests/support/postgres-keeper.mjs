// Keeps one throw-away Postgres cluster alive for exactly as long as its parent: when the parent closes our standard
// input (or dies in any way, which closes it too), the server is stopped and its folder removed.
// Started by ./postgres.ts, with the folder that is to hold the cluster and settings such as fsync=off as its arguments;
// answers with one line of JSON: {"url"} or {"error"}. Afterwards it takes the lines `halt` (as a crash would) and `start`,
// and answers each in the same form.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";

import { findPostgresBinaries } from "../../scripts/lib/postgres-binaries.mjs";

const START_TIMEOUT_MS = 30_000;
const [parent, ...settings] = process.argv.slice(2);

const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

// A Ctrl-C in the terminal is the parent's to handle; it reaches us as the end of our input.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

let folder;
let server;
let start;
try {
  const binaries = findPostgresBinaries();
  if (binaries === undefined) {
    throw new Error(
      "The tests need the Postgres binaries (initdb, postgres). Install them (Debian: apt-get install postgresql) " +
        "or set TEST_DATABASE_URL to a server on which databases may be created.",
    );
  }
  // Postgres refuses to run as root.
  const owner = process.getuid?.() === 0 ? idsOf("postgres") : {};
  folder = mkdtempSync(path.join(parent, "plumbline-pg-"));
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);

  const password = randomBytes(16).toString("hex");
  const passwordFile = path.join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) chownSync(passwordFile, owner.uid, owner.gid);
  const data = path.join(folder, "data");
  const options = { ...owner, cwd: folder, stdio: ["ignore", "ignore", "pipe"] };
  execFileSync(
    path.join(binaries, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "md5", "--pwfile", passwordFile, "-E", "UTF8", "--no-locale", "-N"],
    options,
  );
  const port = await freePort();
  start = async () => {
    server = spawn(
      path.join(binaries, "postgres"),
      // prettier-ignore
      ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
        "-c", "timezone=UTC", "-c", "log_min_messages=fatal", ...settings.flatMap((setting) => ["-c", setting])],
      options,
    );
    await answering(port, server);
  };
  await start();
  answer({ url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres` });
} catch (error) {
  const detail = error.stderr?.toString().trim();
  answer({ error: detail ? `${error.message}\n${detail}` : error.message });
  await stop();
  process.exit(1);
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await halt();
    if (line === "start") await start();
    answer({});
  } catch (error) {
    answer({ error: error.message });
  }
}
await stop();
process.exit(0);

/** Immediate shutdown: what is not committed is lost, and the next start recovers. */
async function halt() {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGQUIT");
  await ended;
}

async function stop() {
  await halt();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

function idsOf(user) {
  const id = (flag) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

async function answering(port, child) {
  let log = "";
  child.stderr.on("data", (chunk) => (log = (log + chunk).slice(-4000)));
  const statusFile = path.join(folder, "data", "postmaster.pid");
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`Postgres did not start:\n${log.trim()}`);
    // The eighth line of the file is the server's own word on its state.
    if (existsSync(statusFile) && readFileSync(statusFile, "utf8").split("\n")[7]?.trim() === "ready") return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Postgres did not answer within ${START_TIMEOUT_MS / 1000} s:\n${log.trim()}`);
}
