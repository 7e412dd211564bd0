import { withTenant } from "@db/client";
import { listIntegrations, listTenants, type IntegrationRow } from "@db/queries/connections/connections";
import { providerRegistry, type ProviderKey } from "~/connectors/registry";
import { ensureFirstRun } from "~/features/people/first-run.server";
import { createApp } from "~/main.server";
import type { Actor } from "@domain/actor";
import type { App } from "~/platform/app.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

/** An error that a person can fix: printed as one line with a hint, with exit code 1. */
export class CliError extends Error {
  override readonly name = "CliError";
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export interface GlobalOptions {
  tenant?: string;
  json?: boolean;
  url?: string;
  token?: string;
  tokenFile?: string;
}

export const CLI_ACTOR: Actor = { userId: null, name: "cli", ip: null };

/** Opens the app for one command and closes it afterwards. Logs are silent; the command prints its own output. */
export async function withApp<T>(work: (app: App) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const level = process.env.LOG_LEVEL === undefined ? "error" : config.logLevel;
  const app = await createApp(config, { log: createLogger({ level }) });
  try {
    if (config.admin !== undefined) await ensureFirstRun(app);
    return await work(app);
  } finally {
    await app.close();
  }
}

/** The named tenant, or the only one. */
export async function findTenant(
  app: App,
  options: GlobalOptions,
): Promise<{ id: string; slug: string; name: string }> {
  const all = await listTenants(app.db);
  const [first] = all;
  if (first === undefined) {
    throw new CliError(
      "There is no tenant yet.",
      "Open the one-time link that `npm start` prints, or run: npm run cli -- user add --email you@example.com",
    );
  }
  if (options.tenant === undefined) {
    if (all.length === 1) return first;
    throw new CliError(
      "There is more than one tenant.",
      `Say which: --tenant ${all.map((row) => row.slug).join(" | ")}`,
    );
  }
  const found = all.find((row) => row.slug === options.tenant || row.id === options.tenant);
  if (found !== undefined) return found;
  throw new CliError(
    `There is no tenant "${options.tenant}".`,
    `Known: ${all.map((row) => row.slug).join(", ")}`,
  );
}

/** @throws CliError if the tenant does not have the provider */
export async function requireProvider(
  app: App,
  tenantId: string,
  provider: ProviderKey = "levelio",
): Promise<void> {
  if (await app.sync.hasProvider(app.db, tenantId, provider)) return;
  throw new CliError(
    `${providerRegistry[provider].title} is not available to this tenant.`,
    "`npm run cli -- flags` shows its feature flags; EDITION says the rest.",
  );
}

/** The connection with this label or id, or the only one. */
export async function findIntegration(
  app: App,
  tenantId: string,
  label: string | undefined,
): Promise<IntegrationRow> {
  await requireProvider(app, tenantId);
  const all = await withTenant(app.db, tenantId, (tx) => listIntegrations(tx, tenantId));
  const live = all.filter((row) => row.status !== "disconnected");
  if (label !== undefined) {
    const found = live.find((row) => row.label === label || row.id === label);
    if (found !== undefined) return found;
    throw new CliError(
      `There is no connection "${label}".`,
      `Known: ${live.map((row) => row.label).join(", ") || "none"}`,
    );
  }
  const [first] = live;
  if (first === undefined) {
    throw new CliError("Level is not connected yet.", "Run: npm run cli -- connect --api-key <key>");
  }
  if (live.length > 1) {
    throw new CliError(
      "There is more than one connection.",
      `Say which: --connection "${live.map((row) => row.label).join('" | "')}"`,
    );
  }
  return first;
}

/** @throws CliError if the text is not the id of a run */
export function checkRunId(text: string): string {
  if (/^[0-9a-f-]{36}$/i.test(text)) return text;
  throw new CliError(`"${text}" is not the id of a run.`, "`npm run cli -- runs` lists them.");
}
