/** What a page can follow live: sync runs, or alerts and their incidents. */
export const topics = ["runs", "alerts"] as const;
export type Topic = (typeof topics)[number];
