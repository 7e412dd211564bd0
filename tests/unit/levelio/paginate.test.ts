import fc from "fast-check";
import type { WalkOptions } from "~/connectors/rmm-provider";
import { describe, expect, it } from "vitest";

import { notFoundError } from "~/connectors/levelio/errors";
import { paginate, type RawPage } from "~/connectors/levelio/paginate";

type Answer = { data: unknown[]; hasMore: boolean };

const observedAt = new Date(0);

const records = (...ids: unknown[]) => ids.map((id) => ({ id }));

/** Walks given answers, keyed by the cursor they are asked with. */
function walk(answers: Record<string, Answer>, start?: string, endOf?: WalkOptions["endOf"]) {
  const asked: (string | undefined)[] = [];
  const pages = paginate(
    "devices",
    async (cursor) => {
      asked.push(cursor);
      const answer = answers[cursor ?? "start"];
      if (!answer) throw notFoundError({ resource: "devices", method: "GET", path: "/v2/devices" });
      return { ...answer, observedAt };
    },
    { ...(start !== undefined && { cursor: start }), ...(endOf && { endOf }) },
  );
  return { pages, asked };
}

async function all(pages: AsyncIterable<RawPage>): Promise<RawPage[]> {
  const seen: RawPage[] = [];
  for await (const page of pages) seen.push(page);
  return seen;
}

describe("a walk that ends before the list does", () => {
  const answers = {
    start: { data: records("a", "b"), hasMore: true },
    b: { data: [{ id: "c" }, { noId: true }, { id: "d" }, { id: "e" }], hasMore: true },
  };

  it("keeps the records before its end, and requests no further page", async () => {
    const { pages, asked } = walk(answers, undefined, async (ids) => (ids.includes("d") ? "d" : null));
    expect(
      (await all(pages)).map(({ ids, records: kept, cursorAfter }) => [ids, kept.length, cursorAfter]),
    ).toEqual([
      [["a", "b"], 2, "b"],
      [["c", "d"], 3, null],
    ]);
    expect(asked).toEqual([undefined, "b"]);
  });
});

describe("a walk", () => {
  it("continues after the last id of each page until there is no more", async () => {
    const { pages, asked } = walk({
      start: { data: records("a", "b"), hasMore: true },
      b: { data: records("c"), hasMore: false },
    });
    const seen = await all(pages);
    expect(asked).toEqual([undefined, "b"]);
    expect(seen.map(({ ids, cursorAfter }) => ({ ids, cursorAfter }))).toEqual([
      { ids: ["a", "b"], cursorAfter: "b" },
      { ids: ["c"], cursorAfter: null },
    ]);
  });

  it("starts behind a given cursor", async () => {
    const { pages, asked } = walk({ b: { data: records("c"), hasMore: false } }, "b");
    await all(pages);
    expect(asked).toEqual(["b"]);
  });

  it("fetches a page only when it is asked for one", async () => {
    const { pages, asked } = walk({ start: { data: records("a"), hasMore: true } });
    await pages.next();
    expect(asked).toHaveLength(1);
  });

  it("takes an empty account for one empty page", async () => {
    expect(await all(walk({ start: { data: [], hasMore: false } }).pages)).toMatchObject([
      { ids: [], records: [], cursorAfter: null },
    ]);
  });

  it("returns a record once if it moved to the next page, or is twice on one", async () => {
    const { pages } = walk({
      start: { data: records("a", "b", "a"), hasMore: true },
      a: { data: records("b", "c"), hasMore: false },
    });
    expect((await all(pages)).map((page) => page.ids)).toEqual([["a", "b"], ["c"]]);
  });

  it("keeps records without an id, to be reported, and continues after the last one that has one", async () => {
    const { pages, asked } = walk({
      start: { data: [{ id: "a" }, { name: "x" }, null], hasMore: true },
      a: { data: [], hasMore: false },
    });
    const [first] = await all(pages);
    expect(first).toMatchObject({ ids: ["a"], cursorAfter: "a" });
    expect(first!.records).toHaveLength(3);
    expect(asked).toEqual([undefined, "a"]);
  });

  it.each([
    ["an empty page", { start: { data: [], hasMore: true } }],
    ["a page without ids", { start: { data: [{}, { id: "" }], hasMore: true } }],
    [
      "the same page again",
      { start: { data: records("a"), hasMore: true }, a: { data: records("a"), hasMore: true } },
    ],
    [
      "a ring of pages",
      {
        start: { data: records("a"), hasMore: true },
        a: { data: records("b"), hasMore: true },
        b: { data: records("c"), hasMore: true },
        c: { data: records("a"), hasMore: true },
      },
    ],
  ])("that would never end because of %s fails", async (_, answers) => {
    await expect(all(walk(answers as Record<string, Answer>).pages)).rejects.toMatchObject({
      code: "endless_list",
    });
  });

  it("that resumes into the cursor it came with fails", async () => {
    const { pages } = walk({ b: { data: records("b"), hasMore: true } }, "b");
    await expect(pages.next()).rejects.toMatchObject({ code: "endless_list" });
  });

  it("leaves any ring within about three rounds, and never an honest list", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 30 }), async (tail, ring) => {
        let page = 0;
        const pages = paginate("devices", async () => {
          const place = page < tail ? page : tail + ((page - tail) % ring);
          page++;
          return { data: records(`id${place}`), hasMore: true, observedAt };
        });
        await expect(all(pages)).rejects.toMatchObject({ code: "endless_list" });
        expect(page).toBeLessThanOrEqual(3 * (tail + ring) + 3);

        let left = tail + ring;
        const honest = paginate("devices", async () => {
          left--;
          return { data: records(`id${left}`), hasMore: left > 0, observedAt };
        });
        expect(await all(honest)).toHaveLength(tail + ring);
      }),
    );
  });

  it("that lost its place reports that, and a missing resource reports that", async () => {
    const lost = walk({ start: { data: records("a"), hasMore: true } });
    await lost.pages.next();
    await expect(lost.pages.next()).rejects.toMatchObject({ code: "cursor_lost" });
    await expect(walk({}, "deleted").pages.next()).rejects.toMatchObject({ code: "cursor_lost" });
    await expect(walk({}).pages.next()).rejects.toMatchObject({ code: "not_found" });
  });
});
