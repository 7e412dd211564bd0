import type { TenantDb } from "@db/client";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { SyncResource } from "@domain/sync-words";
import type { Pages, ProviderPage, RmmProvider } from "~/connectors/rmm-provider";
import type { SyncDeps } from "~/platform/ports";

/** What the writing of one page needs to know. */
export interface PageScope {
  tenantId: string;
  integrationId: string;
  provider: string;
  run: Pick<RunRow, "id" | "type" | "actor" | "appliesRunId">;
  now: Date;
}

/** The same of a page, whose transaction holds the run. */
export interface LockedScope extends PageScope {
  mappingVersion: number;
}

/** How many records of a page were created, …; `skipped` has no client, the rest was seen and is unchanged. */
export interface WriteCounts {
  created: number;
  updated: number;
  skipped: number;
}

/** One kind of record: where its pages come from and how a page is written. */
export interface Resource<Item> {
  name: SyncResource;
  /** The tables that its pages fill. */
  tables: readonly string[];
  /** Whether a run may go on without it when the key or the plan does not grant it. */
  isOptional: boolean;
  /** Prepares what every page of a step needs (the group tree) and returns the walk and the writer. */
  open(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<OpenResource<Item>>;
}

export interface OpenResource<Item> {
  list(provider: RmmProvider, walk: { cursor?: string; signal: AbortSignal }): Pages<Item>;
  idOf(item: Item): { externalId: string; name: string | null };
  /** Writes the items in a constant number of statements, whatever their number. Twice is as once. */
  write(tx: TenantDb, scope: LockedScope, page: ProviderPage<Item>): Promise<WriteCounts>;
  /** After the last page of a complete sweep; safe to run twice. Returns how many records it marked as gone. */
  conclude?(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number>;
}
