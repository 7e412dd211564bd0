/** The kinds of records that a search finds, in the order of the list. */
export const foundKinds = ["clients", "assets", "alerts", "groups", "runs"] as const;
export type FoundKind = (typeof foundKinds)[number];

/** A matching record: its address, and the texts that identify it. */
export interface SearchHit {
  id: string;
  title: string;
  detail: string;
  /** The record's time as ISO 8601, if that helps to identify it. */
  at?: string;
  to: string;
}

export type SearchResult = Record<FoundKind, SearchHit[]>;
