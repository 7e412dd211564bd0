import type { TenantDb } from "@db/client";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { SyncResource } from "@domain/sync-words";
import type { Pages, ProviderPage, RmmProvider } from "~/connectors/rmm-provider";
import type { SyncDeps } from "~/platform/ports";

/** The context in which a page is written. */
export interface PageScope {
  tenantId: string;
  connectionId: string;
  provider: string;
  run: Pick<RunRow, "id" | "type" | "actor" | "appliesRunId">;
  now: Date;
}

/** The context of a page whose transaction has locked the run. */
export interface LockedScope extends PageScope {
  mappingVersion: number;
}

/** Counts of a page's records. `skipped` records have no client; records that are not counted here are unchanged. */
export interface WriteCounts {
  created: number;
  updated: number;
  skipped: number;
}

/** A kind of record, with how its pages are read and written. */
export interface Resource<Item> {
  name: SyncResource;
  /** The tables that its pages are written to. */
  tables: readonly string[];
  /** Whether a run may continue without it if the key or the account's plan does not allow reading it. */
  isOptional: boolean;
  /** Reads what every page of a step needs (such as the group tree). Returns the pages and their writer. */
  open(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<OpenResource<Item>>;
}

export interface OpenResource<Item> {
  list(provider: RmmProvider, walk: { cursor?: string; signal: AbortSignal }): Pages<Item>;
  idOf(item: Item): { externalId: string; name: string | null };
  /** Writes the items with a constant number of statements. Idempotent. */
  write(tx: TenantDb, scope: LockedScope, page: ProviderPage<Item>): Promise<WriteCounts>;
  /** Runs after the last page of a complete sweep; idempotent. Returns how many records it marked as gone. */
  conclude?(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number>;
}
