/**
 * A sweep read in segments: how several walks through one list, each from a remembered cursor, together read what one
 * walk from the start reads. It needs to know nothing of the order of the list, except that there is one.
 */

export const segmentStates = ["planned", "begun", "ended", "joined", "dropped"] as const;

/**
 * `planned`: nothing committed yet. `begun`: its first page was read. `ended`: it met the start of another segment, or
 * the end of the list. `joined`: part of the union that is the list. `dropped`: its pages do not count.
 */
type SegmentState = (typeof segmentStates)[number];

export interface Segment {
  /** The number of its walk in the run. */
  walk: number;
  /** The record that it starts after; null: the beginning of the list. */
  start: string | null;
  state: SegmentState;
  /** The walk of the segment that began where this one ended; null at the end of the list. */
  next: number | null;
}

/** Where a segment ends on a page: with this record, after which the walk `next` began. */
export interface SegmentEnd {
  id: string;
  next: number;
}

/** Pages below which a segment is not worth the extra request that it may cost. */
const MIN_PAGES = 3;

/** The positions, from 1, of the cursors that divide a list of this many pages; none for a list that is too short. */
export function boundaryPlaces(pages: number, wanted: number): number[] {
  const segments = Math.min(wanted, Math.floor(pages / MIN_PAGES));
  return Array.from({ length: Math.max(0, segments - 1) }, (_, n) =>
    Math.round(((n + 1) * pages) / segments),
  );
}

/** The segments of a list: one from its beginning, one from each distinct boundary. */
export const planSegments = (boundaries: readonly string[]): Segment[] =>
  [null, ...new Set(boundaries)].map((start, walk) => ({ walk, start, state: "planned", next: null }));

/** Whether the segment's pages count for the list. */
export const isLive = ({ state }: Segment): boolean => state !== "dropped";

/**
 * Whether a segment whose boundary the provider no longer knows may be dropped, so that the segment before it
 * continues. Not if it has pages, or if another already ended there.
 */
export const canDrop = (segment: Segment, segments: readonly Segment[]): boolean =>
  segment.state === "planned" && !segments.some((other) => isLive(other) && other.next === segment.walk);

/**
 * Where `segment` ends on a page with these ids: at the record after which another segment began. Call it only after
 * the first page of every live segment was read, because a boundary counts only then. The first record that the other
 * read is no end: it may have moved since this page was read, and nobody would read what lies between.
 * @returns null if the whole page belongs to it
 */
export function endOnPage(
  segment: Segment,
  segments: readonly Segment[],
  ids: readonly string[],
): SegmentEnd | null {
  const others = segments.filter((other) => other !== segment && isLive(other));
  const startedAt = new Map(others.map((other) => [other.start, other]));
  for (const id of ids) {
    const met = startedAt.get(id);
    if (met !== undefined && !leadsTo(met, segment, segments)) return { id, next: met.walk };
  }
  return null;
}

/** Whether the known ends lead from segment to segment in a circle, which no order can. */
function leadsTo(from: Segment, to: Segment, segments: readonly Segment[]): boolean {
  const passed = new Set<Segment>();
  for (let at: Segment | undefined = from; at !== undefined && !passed.has(at);) {
    if (at === to) return true;
    passed.add(at);
    const { next }: Segment = at;
    at = next === null ? undefined : segments.find((other) => other.walk === next);
  }
  return false;
}

/**
 * The segments from the beginning of the list to its end, in order, which together are the list; the rest lie within
 * them. Null if they do not reach its end: then nothing may be concluded.
 */
export function chainOf(segments: readonly Segment[]): Segment[] | null {
  const chain: Segment[] = [];
  let at = segments.find(({ start }) => start === null);
  while (at !== undefined && isDone(at) && !chain.includes(at)) {
    chain.push(at);
    const { next }: Segment = at;
    if (next === null) return chain;
    at = segments.find(({ walk }) => walk === next);
  }
  return null;
}

const isDone = ({ state }: Segment): boolean => state === "ended" || state === "joined";
