/** Days for which finished data is kept. */
export interface Retention {
  /** Pages, single errors and plans of runs; then only the totals of their day. */
  runs: number;
  /** Events that were delivered. */
  events: number;
  /** Resolved alerts with their incidents, unless a person worked on them. */
  alerts: number;
  /** Updates that were installed or withdrawn, and former intervals of the others. */
  updates: number;
  /** Entries of the audit log. Null: always. */
  audit: number | null;
}

export const DEFAULT_RETENTION: Retention = {
  runs: 90,
  events: 90,
  alerts: 400,
  updates: 400,
  audit: null,
};

/** How long after the end of a cancelled or failed run for which the ids that it listed are kept. */
export const SEEN_IDS_DAYS = 1;
