import type { Command } from "commander";

import { readFlagOverrides } from "@db/queries/operations/feature-flags";
import { flagWord, setTenantFlags, type FlagChange } from "~/auth/feature-flags.server";
import { featuresOf } from "~/connectors/availability";
import { providerKeys, providerRegistry } from "~/connectors/registry";
import type { App } from "~/platform/app.server";

import { CLI_ACTOR, CliError, findTenant, withApp } from "../context";
import { globals } from "../globals";
import { table, write, writeJson } from "../output";

export function addFlagsCommand(program: Command): void {
  program
    .command("flags")
    .description("a tenant's feature flags: the environment's, unless the tenant has a word of its own")
    .option("--set <name=on|off|default...>", "change flags of the tenant; default: as the environment says")
    .action(async (options: { set?: string[] }, command: Command) => {
      const { json, ...rest } = globals(command);
      const asked = (options.set ?? []).map(readChange);
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        const before = await readFlags(app, tenant.id);
        for (const { flag } of asked) {
          if (before.some((known) => known.flag === flag)) continue;
          throw new CliError(
            `There is no feature flag "${flag}".`,
            `Known: ${before.map((known) => known.flag).join(", ")}`,
          );
        }
        await setTenantFlags(app, { tenantId: tenant.id, changes: asked, actor: CLI_ACTOR });
        const flags = await readFlags(app, tenant.id);
        if (json) return writeJson({ tenant: tenant.slug, edition: app.config.edition, flags });
        write(
          table(
            ["Flag", "Environment", tenant.slug, "In effect"],
            flags.map((row) => [row.flag, row.environment, row.tenant, row.effective]),
          ),
        );
      });
    });
}

/** @throws CliError unless the text is `name=on|off|default` */
function readChange(text: string): FlagChange {
  const [, flag, word] = /^([^=\s]+)=(on|off|default)$/.exec(text) ?? [];
  if (flag === undefined)
    throw new CliError(`"${text}" changes no flag.`, "Write --set name=on, name=off or name=default.");
  return { flag, isOn: word === "default" ? null : word === "on" };
}

/** The flags that the product defines, the environment names or the tenant sets. */
async function readFlags(app: App, tenantId: string) {
  const overrides = await readFlagOverrides(app.db, tenantId);
  const { featureFlags } = featuresOf(app.config, overrides);
  const known = providerKeys.map((key) => providerRegistry[key].featureFlag).filter((flag) => flag !== null);
  const names = new Set([...known, ...app.config.featureFlags, ...Object.keys(overrides)]);
  return [...names].sort().map((flag) => ({
    flag,
    environment: flagWord(app.config.featureFlags.has(flag)),
    tenant: flagWord(overrides[flag] ?? null),
    effective: flagWord(featureFlags.has(flag)),
  }));
}
