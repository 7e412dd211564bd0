import type { Assignment, Drafts } from "./model";

/** Changes that are not saved, and the version of the mapping that they were made on. */
export interface KeptDrafts {
  version: number;
  drafts: Drafts;
}

const keyOf = (integrationId: string) => `plumbline.mapping.${integrationId}`;

/** What this tab has kept of a connection's mapping: changes outlive a reload, a new sign-in and an outage. */
export function readKeptDrafts(integrationId: string): KeptDrafts | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(integrationId)) ?? "null") as {
      version: number;
      drafts: [string, Assignment][];
    } | null;
    return kept === null ? null : { version: kept.version, drafts: new Map(kept.drafts) };
  } catch {
    return null;
  }
}

export function keepDrafts(integrationId: string, { version, drafts }: KeptDrafts): void {
  try {
    if (drafts.size === 0) sessionStorage.removeItem(keyOf(integrationId));
    else sessionStorage.setItem(keyOf(integrationId), JSON.stringify({ version, drafts: [...drafts] }));
  } catch {
    // A browser that keeps nothing, or no more than this: the changes live as long as the page.
  }
}
