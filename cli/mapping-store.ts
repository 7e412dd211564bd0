import type { RowProblem } from "@domain/mapping-code";
import {
  applyMapping,
  planMapping,
  readCodedMapping,
  type ApplyOutcome,
  type CodedMapping,
  type GivenMapping,
  type MappingPlan,
} from "~/features/mapping/mapping-code.server";

import {
  mapGroupByPath,
  mapTopLevelGroups,
  type AutoMapOutcome,
  type MapGroupOutcome,
} from "~/features/mapping/mapping.server";

import { CLI_ACTOR, CliError, findIntegration, findTenant, withApp, type GlobalOptions } from "./context";
import { RefusedError, remoteConnection, remoteOf, type Remote } from "./remote";

/** The mapping of a connection, on this machine's installation or on a server. */
export interface MappingStore {
  read(): Promise<CodedMapping>;
  plan(given: GivenMapping): Promise<MappingPlan>;
  /** @param version the mapping must have this version; undefined accepts any */
  apply(given: GivenMapping, version?: number): Promise<ApplyOutcome>;
  /** Makes (or reuses) a client for each top-level group that has no decision. */
  mapTopLevel(): Promise<AutoMapOutcome>;
  mapGroup(names: { path: string; clientName: string }): Promise<MapGroupOutcome>;
}

/** @param connection label or id; optional if there is only one connection */
export async function withMappingStore(
  options: GlobalOptions,
  connection: string | undefined,
  work: (store: MappingStore) => Promise<void>,
): Promise<void> {
  const server = remoteOf(options);
  if (server !== undefined) {
    const { id } = await remoteConnection(server, connection);
    return work(remoteStore(server, `/mappings/${id}`));
  }
  await withApp(async (app) => {
    const tenant = await findTenant(app, options);
    const { id } = await findIntegration(app, tenant.id, connection);
    const ref = { tenantId: tenant.id, connectionId: id };
    await work({
      read: async () => {
        const found = await readCodedMapping(app.sync, ref);
        if (found === null) throw new CliError("This connection was removed.");
        return found;
      },
      plan: (given) => planMapping(app.sync, ref, given),
      apply: (given, version) => applyMapping(app.sync, ref, given, CLI_ACTOR, version),
      mapTopLevel: () => mapTopLevelGroups(app.sync, ref, CLI_ACTOR),
      mapGroup: (names) => mapGroupByPath(app.sync, ref, names, CLI_ACTOR),
    });
  });
}

const remoteStore = (server: Remote, path: string): MappingStore => ({
  read: () => server.get(path),
  plan: (given) =>
    refusals(async () => ({
      ...(await server.send<Omit<MappingPlan & { state: "planned" }, "state">>(
        "POST",
        `${path}/plan`,
        given,
      )),
      state: "planned",
    })),
  apply: (given, version) =>
    refusals(async () => ({
      ...(await server.send<Omit<ApplyOutcome & { state: "applied" }, "state">>(
        "PUT",
        path,
        given,
        version === undefined ? {} : { "If-Match": `"${version}"` },
      )),
      state: "applied",
    })),
  mapTopLevel: async () => {
    try {
      const done = await server.send<Omit<AutoMapOutcome & { state: "mapped" }, "state">>(
        "POST",
        `${path}/auto`,
      );
      return { state: "mapped", ...done };
    } catch (error) {
      if (error instanceof RefusedError && error.refusal.code === "conflict") return { state: "no_groups" };
      throw error;
    }
  },
  // The server's refusal lists the groups.
  mapGroup: async ({ path: group, clientName: client }) => ({
    state: "saved",
    ...(await server.send<Omit<MapGroupOutcome & { state: "saved" }, "state">>("POST", `${path}/groups`, {
      group,
      client,
    })),
  }),
});

/** Translates a refusal of the API into the outcome it stands for. */
async function refusals<T>(
  ask: () => Promise<T>,
): Promise<T | { state: "stale" } | { state: "invalid"; problems: RowProblem[] }> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { status, code, errors } = error.refusal;
    const problems = errors.flatMap(({ field, message }) => problemOf(field, message));
    if (problems.length > 0) return { state: "invalid", problems };
    if (status === 412 || code === "conflict") return { state: "stale" };
    throw error;
  }
}

function problemOf(field: string, message: string): RowProblem[] {
  const match = /^body\.(groups|rules)\.(\d+)(?:\.(path|state|client|site|contact|id|pattern))?/.exec(field);
  if (match === null) return [];
  const list = match[1] as "groups" | "rules";
  const column = (match[3] ?? (list === "rules" ? "pattern" : "path")) as RowProblem["column"];
  return [{ list, row: Number(match[2]), column, message }];
}
