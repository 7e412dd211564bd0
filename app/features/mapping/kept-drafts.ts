import type { Assignment, Drafts } from "./model";

/** Unsaved changes, and the version of the mapping that they are based on. */
export interface KeptDrafts {
  version: number;
  drafts: Drafts;
}

const keyOf = (integrationId: string) => `plumbline.mapping.${integrationId}`;

/** The drafts that this tab stores for a connection, so that they survive a reload, a new sign-in or an outage. */
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
    // If the browser cannot store them, the drafts last as long as the page.
  }
}
