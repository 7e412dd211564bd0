import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { isList } from "~/features/api/base/csv";
import type { Operation } from "~/features/api/base/operation";
import { operations } from "~/features/api/registry";
import { samplesOf } from "~/features/api/samples";
import { apiCallerOf, type ApiCaller, type WebTenant } from "@tests/support/api";
import { runCommand } from "@tests/support/cli";
import { createWebWorld, TEST_ORIGIN, type WebWorld } from "@tests/support/web";

import { listen } from "../../../scripts/lib/web-server.mjs";

import { createThings, type Things } from "./things";

const execute = promisify(execFile);

let web: WebWorld;
let server: Awaited<ReturnType<typeof listen>>;
let tenant: WebTenant;
let api: ApiCaller;
let folder: string;
/** As served. */
let document: { paths: Record<string, Record<string, { "x-codeSamples": Sample[] }>> };

interface Sample {
  label: string;
  source: string;
}

beforeAll(async () => {
  web = await createWebWorld();
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-examples-"));
  // The world closes its app itself.
  server = await listen(web.build, { port: 0, boot: async () => ({ ...web.app, close: async () => {} }) });
  document = await (await fetch(`${server.url}/api/v1/openapi.json`)).json();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await web.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  tenant = await web.tenant();
  api = await apiCallerOf(web, tenant);
});

/** The variables of the examples. */
async function variablesOf(things: Things): Promise<Record<string, string>> {
  const { change, ...ids } = things;
  const { body } = await api.get(`/mappings/${things.connectionId}`);
  const file = path.join(folder, `${things.connectionId}.csv`);
  writeFileSync(file, `path,state,client\n"${body.groups[0].path}",inherit,\n`);
  const named = Object.entries(ids).map(([name, value]): [string, string] => [
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    value as string,
  ]);
  return {
    ...Object.fromEntries(named),
    CHANGE_ID: change.id,
    CHANGE_VERSION: change.version,
    GROUP_PATH: body.groups[0].path,
    MAPPING_FILE: file,
    PLUMBLINE_TOKEN: api.token,
  };
}

/** The examples of the served document, with this server's address. */
function samplesIn(operation: Operation): Sample[] {
  const samples = document.paths[operation.path]![operation.method.toLowerCase()]!["x-codeSamples"];
  return samples.map((one) => ({ ...one, source: one.source.replaceAll(TEST_ORIGIN, server.url) }));
}

/** Runs a curl call as written; returns its status and output. */
async function inShell(source: string, variables: Record<string, string>) {
  const curl = `curl() { command curl -sS -w '\\n%{http_code}' "$@"; }\n${source}`;
  const { stdout } = await execute("sh", ["-c", curl], { env: { ...process.env, ...variables } });
  const lines = stdout.split("\n");
  return { status: Number(lines.pop()), text: lines.join("\n") };
}

/** The words of a command line, with its variables replaced. */
const wordsOf = (source: string, variables: Record<string, string>): string[] =>
  source
    .replace("npm run cli -- ", "")
    .split(" ")
    .map((word) => word.replace(/"?\$(\w+)"?/, (_, name: string) => variables[name]!));

describe("the examples of the document", () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))(
    "work as written: %s",
    async (_, operation) => {
      for (const { label, source } of samplesIn(operation)) {
        // Made for each example: what one decides, no other can decide again.
        const variables = await variablesOf(await createThings(web.database.db, tenant, "ours"));
        if (label === "curl") {
          const { status, text } = await inShell(source, variables);
          expect(status, text).toBe(operation.success.status);
          if (isList(operation.success.schema)) expect(JSON.parse(text).data).toBeInstanceOf(Array);
        } else {
          vi.stubEnv("PLUMBLINE_TOKEN", api.token);
          const { exitCode, error } = await runCommand(...wordsOf(source, variables));
          expect(exitCode, error).toBe(0);
        }
      }
    },
  );

  it("include a body for each operation that takes one, and a command where there is one", () => {
    for (const operation of operations) {
      expect(operation.example !== undefined, operation.id).toBe(operation.body !== undefined);
    }
    const labels = operations.flatMap((one) => samplesOf(one, TEST_ORIGIN).map(({ label }) => label));
    expect(labels).toContain("Command line");
  });
});
