import type { Assignment, Drafts } from "./model";

/** Unsaved changes, and the version of the mapping that they are based on. */
export interface KeptDrafts {
  version: number;
  drafts: Drafts;
}

const keyOf = (connectionId: string) => `plumbline.mapping.${connectionId}`;

/** The drafts that this tab stored for a connection, so that they survive a reload, a new sign-in or an outage. */
export function readKeptDrafts(connectionId: string): KeptDrafts | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(connectionId)) ?? "null") as {
      version: number;
      drafts: [string, Assignment][];
    } | null;
    return kept === null ? null : { version: kept.version, drafts: new Map(kept.drafts) };
  } catch {
    return null;
  }
}

export function keepDrafts(connectionId: string, { version, drafts }: KeptDrafts): void {
  try {
    if (drafts.size === 0) sessionStorage.removeItem(keyOf(connectionId));
    else sessionStorage.setItem(keyOf(connectionId), JSON.stringify({ version, drafts: [...drafts] }));
  } catch {
    // If the browser cannot store the drafts, they last as long as the page.
  }
}
