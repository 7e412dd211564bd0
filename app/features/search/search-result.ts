/** The kinds of records that a search finds, in the order of the list. */
export const foundKinds = ["clients", "assets", "alerts", "groups", "runs"] as const;
export type FoundKind = (typeof foundKinds)[number];

/** A record that fits: its address and the words to know it by. */
export interface SearchHit {
  id: string;
  title: string;
  detail: string;
  /** ISO instant, where the record is known by it. */
  at?: string;
  to: string;
}

export type SearchResult = Record<FoundKind, SearchHit[]>;
