import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { TestProject } from "vitest/node";

import {
  type Disposable,
  makeEmbeddedSnapshot,
  makePostgresTemplate,
  type PostgresTemplate,
} from "../support/database-templates";

declare module "vitest" {
  export interface ProvidedContext {
    postgresTemplate: PostgresTemplate;
    embeddedSnapshot: string;
    /** Folder where the tests on Postgres record their statements; undefined if no such tests run. */
    recordedFolder: string | undefined;
  }
}

interface Templates {
  postgres: Disposable<PostgresTemplate>;
  embedded: Disposable<string>;
}

/**
 * Each project calls this setup on its own, but the module and its cluster are shared: the last project to finish stops
 * it.
 */
const shared = globalThis as typeof globalThis & {
  __plumblineTemplates?: { users: number; templates: Promise<Templates>; recordedFolder: string };
};

/** Makes the databases that tests copy, once for all projects of a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.__plumblineTemplates ??= {
    users: 0,
    templates: make(),
    recordedFolder: mkdtempSync(path.join(tmpdir(), "plumbline-statements-")),
  };
  const held = shared.__plumblineTemplates;
  held.users++;
  const { postgres, embedded } = await held.templates;
  project.provide("postgresTemplate", postgres.value);
  project.provide("embeddedSnapshot", embedded.value);
  const records = project.vitest.projects.some(({ name }) => name === "integration-postgres");
  project.provide("recordedFolder", records ? held.recordedFolder : undefined);
  return async () => {
    held.users--;
    if (held.users > 0) return;
    delete shared.__plumblineTemplates;
    rmSync(held.recordedFolder, { recursive: true, force: true });
    await Promise.all([postgres.dispose(), embedded.dispose()]);
  };
}

async function make(): Promise<Templates> {
  const [postgres, embedded] = await Promise.allSettled([
    makePostgresTemplate(process.env["TEST_DATABASE_URL"]),
    makeEmbeddedSnapshot(),
  ]);
  if (postgres.status === "fulfilled" && embedded.status === "fulfilled") {
    return { postgres: postgres.value, embedded: embedded.value };
  }
  if (postgres.status === "fulfilled") await postgres.value.dispose();
  if (embedded.status === "fulfilled") await embedded.value.dispose();
  throw [postgres, embedded].find((outcome) => outcome.status === "rejected")?.reason;
}
