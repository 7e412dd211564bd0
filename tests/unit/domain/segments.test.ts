import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  boundaryPlaces,
  canDrop,
  chainOf,
  endOnPage,
  isLive,
  planSegments,
  type Segment,
} from "@domain/segments";

const PAGE = 3;

interface Page {
  ids: string[];
  hasMore: boolean;
}

/** A list as the provider stores it: pages after a cursor, null for an unknown cursor. */
class List {
  constructor(readonly ids: string[]) {}

  after(cursor: string | null): Page | null {
    const at = cursor === null ? 0 : this.ids.indexOf(cursor) + 1;
    if (cursor !== null && at === 0) return null;
    return { ids: this.ids.slice(at, at + PAGE), hasMore: at + PAGE < this.ids.length };
  }
}

interface Sweep {
  /** The records of each page, by the walk that read them. */
  pages: Map<number, string[][]>;
  /** What the segments read, in the order of the list. */
  read: string[];
  requests: number;
  /** A cursor was lost, so one walk from the start must read everything. */
  isLost: boolean;
  cursors: string[];
}

interface World {
  list: List;
  /** Called before each request with the records at which a walk stands. */
  meanwhile: (standing: ReadonlySet<string>) => void;
  /** Picks one of this many walks. */
  pick: (of: number) => number;
}

/** Reads the list in segments as the engine does: first pages first, then any walk in any order. */
function sweepInSegments({ list, meanwhile, pick }: World, boundaries: string[]): Sweep {
  const segments = planSegments(boundaries);
  const at = new Map<number, string | null>(segments.map(({ walk, start }) => [walk, start]));
  const pages = new Map<number, string[][]>(segments.map(({ walk }) => [walk, []]));
  const cursors: string[] = [];
  let requests = 0;
  const standing = () =>
    new Set(
      segments
        .filter(isLive)
        .flatMap(({ walk, start }) => [start, at.get(walk) ?? null])
        .filter((id) => id !== null),
    );
  const request = (segment: Segment): Page | null => {
    meanwhile(standing());
    requests += 1;
    return list.after(at.get(segment.walk)!);
  };
  const take = (segment: Segment, page: Page) => {
    const end = endOnPage(segment, segments, page.ids);
    const cut = end === null ? page.ids.length : page.ids.indexOf(end.id) + 1;
    pages.get(segment.walk)!.push(page.ids.slice(0, cut));
    segment.next = end?.next ?? null;
    if (end !== null || !page.hasMore) segment.state = "ended";
    else {
      at.set(segment.walk, page.ids.at(-1)!);
      cursors.push(page.ids.at(-1)!);
    }
  };
  const open = [...segments];
  const first = new Map<Segment, Page>();
  while (open.length > 0) {
    const [segment] = open.splice(pick(open.length), 1);
    const page = request(segment!);
    if (page === null) {
      expect(canDrop(segment!, segments)).toBe(true);
      segment!.state = "dropped";
    } else {
      first.set(segment!, page);
      segment!.state = "begun";
      // Its next request stands behind this page.
      at.set(segment!.walk, page.ids.at(-1) ?? segment!.start);
    }
  }
  for (const [segment, page] of first) take(segment, page);
  for (;;) {
    const begun = segments.filter(({ state }) => state === "begun");
    if (begun.length === 0) break;
    const segment = begun[pick(begun.length)]!;
    const page = request(segment);
    if (page === null) return { pages, read: [], requests, isLost: true, cursors };
    take(segment, page);
  }
  const chain = chainOf(segments);
  expect(chain).not.toBeNull();
  const read = chain!.flatMap(({ walk }) => pages.get(walk)!.flat());
  return { pages, read, requests, isLost: false, cursors };
}

const sweepInOneWalk = (list: List): Sweep =>
  sweepInSegments({ list, meanwhile: () => {}, pick: () => 0 }, []);

const boundariesOf = (cursors: string[], wanted: number): string[] =>
  boundaryPlaces(cursors.length + 1, wanted).map((place) => cursors[place - 1]!);

/** What happens to the list at an instant: a place in it, and what is done there. */
const change = fc.record({
  what: fc.constantFrom("insert" as const, "delete" as const, "move" as const),
  from: fc.nat(),
  to: fc.nat(),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const history = fc.record({
  size: fc.integer({ min: 0, max: 90 }),
  wanted: fc.integer({ min: 1, max: 8 }),
  between: fc.array(change, { maxLength: 30 }),
  isShuffled: fc.boolean(),
  shuffle: fc.array(fc.nat(), { minLength: 90, maxLength: 90 }),
  during: fc.array(fc.option(change, { freq: 2 }), { maxLength: 60 }),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
});

function apply(list: List, { what, from, to }: Change, fresh: () => string): string | null {
  const { ids } = list;
  const place = (n: number) => (ids.length === 0 ? 0 : n % ids.length);
  if (what === "insert") ids.splice(place(to), 0, fresh());
  else if (ids.length > 0) {
    const [id] = ids.splice(place(from), 1);
    if (what === "move") ids.splice(place(to), 0, id!);
    return id!;
  }
  return null;
}

type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** The list after an earlier sweep and what happened since, with the boundaries which that sweep left. */
function replay({ size, wanted, between, isShuffled, shuffle, picks }: History) {
  let made = 0;
  const fresh = () => `r${made++}`;
  const list = new List(Array.from({ length: size }, fresh));
  const boundaries = boundariesOf(sweepInOneWalk(list).cursors, wanted);
  for (const each of between) apply(list, each, fresh);
  if (isShuffled) {
    const ranked = list.ids.map((id, n) => [shuffle[n % shuffle.length]!, id] as const);
    list.ids.splice(0, Infinity, ...ranked.sort(([a], [b]) => a - b).map(([, id]) => id));
  }
  let picked = 0;
  const pick = (of: number) => picks[picked++ % picks.length]! % of;
  return { list, boundaries, fresh, pick };
}

const RUNS = { numRuns: 1_000 };

describe("a sweep in segments", () => {
  it("reads an unchanging list record by record as one walk does, whatever was deleted, inserted or reordered since the last sweep", () => {
    fc.assert(
      fc.property(history, (made) => {
        const { list, boundaries, pick } = replay(made);
        const bySegments = sweepInSegments({ list, pick, meanwhile: () => {} }, boundaries);
        const byOne = sweepInOneWalk(list);
        expect(bySegments.read).toEqual(byOne.read);
        expect(bySegments.requests).toBeLessThanOrEqual(byOne.requests + boundaries.length);
      }),
      RUNS,
    );
  });

  it("reads every record that stays in its place while others come, go and move, and none that was never listed", () => {
    fc.assert(
      fc.property(history, (made) => {
        const { list, boundaries, pick, fresh } = replay(made);
        const before = [...list.ids];
        const ever = new Set(before);
        const unsettled = new Set<string>();
        let at = 0;
        const meanwhile = (standing: ReadonlySet<string>) => {
          const next = made.during[at++ % Math.max(1, made.during.length)];
          if (next == null) return;
          // A walk that stands at a record goes wherever it is moved, in one walk as in many.
          const id = list.ids[next.from % Math.max(1, list.ids.length)];
          if (next.what === "move" && id !== undefined && standing.has(id)) return;
          const touched = apply(list, next, () => {
            const id = fresh();
            ever.add(id);
            return id;
          });
          if (touched !== null) unsettled.add(touched);
        };
        const swept = sweepInSegments({ list, pick, meanwhile }, boundaries);
        if (swept.isLost) return;
        const read = new Set(swept.read);
        for (const id of before) if (!unsettled.has(id)) expect(read).toContain(id);
        for (const id of read) expect(ever).toContain(id);
      }),
      RUNS,
    );
  });

  it("is divided evenly, and not at all where the list is short", () => {
    expect(boundaryPlaces(100, 4)).toEqual([25, 50, 75]);
    expect(boundaryPlaces(9, 4)).toEqual([3, 6]);
    expect(boundaryPlaces(5, 4)).toEqual([]);
    expect(boundaryPlaces(1_000, 1)).toEqual([]);
  });

  it("concludes nothing from segments that form a circle", () => {
    const [a, b] = planSegments(["x"]) as [Segment, Segment];
    Object.assign(a, { state: "ended", next: 1 });
    Object.assign(b, { state: "ended", next: 0 });
    expect(chainOf([a, b])).toBeNull();
    Object.assign(b, { next: null });
    expect(chainOf([a, b])).toEqual([a, b]);
  });

  it("keeps a segment whose boundary is lost once another has ended there", () => {
    const [a, b] = planSegments(["x"]) as [Segment, Segment];
    expect(canDrop(b, [a, b])).toBe(true);
    Object.assign(a, { state: "ended", next: 1 });
    expect(canDrop(b, [a, b])).toBe(false);
  });
});
