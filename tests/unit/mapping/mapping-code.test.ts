import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { MappingState } from "@domain/group-tree";
import { compareMapping, mappingRows, type CodedGroup } from "@domain/mapping-code";
import { onOneLine } from "@domain/text";
import { mappingFormats, readMappingFile, writeMappingFile } from "~/features/mapping/mapping-file.server";

/** Clients by id: their names are what people and RMMs call things. */
const names = new Map([
  ["c0", "Acme"],
  ["c1", '=SUM("A1") / Söhne'],
  ["c2", "'=1+1"],
  ["c3", "🦊, Fox; & Co"],
]);
const siteNames = new Map([
  ["s0", "=HQ / 🦊"],
  ["s1", "Berlin"],
]);
const nameOf = {
  client: (id: string) => names.get(id),
  site: (id: string | null) => siteNames.get(id ?? ""),
  contact: (id: string | null) => (id === "a" ? "Ann" : undefined),
};

const groupName = fc
  .oneof(
    fc.constantFrom(
      "A",
      "B",
      "A / B",
      "A/B",
      "\\",
      "A\\/B",
      '"',
      "=1+1",
      "'=1",
      "''=1",
      "🦊",
      "a,b;c",
      "-",
      "state",
    ),
    fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  )
  .map(onOneLine)
  .filter((name) => name !== "");
const nobody = { clientId: null, siteId: null, contactId: null, ruleId: null };
const decision = fc.oneof(
  fc.constantFrom("inherit" as const, "excluded" as const).map((state) => ({ state, ...nobody })),
  fc
    .tuple(
      fc.constantFrom(...names.keys()),
      fc.constantFrom(null, ...siteNames.keys()),
      fc.constantFrom(null, "a"),
    )
    .map(([clientId, siteId, contactId]) => ({
      state: "mapped" as const,
      clientId,
      siteId,
      contactId,
      ruleId: null,
    })),
);
const forest = fc
  .array(fc.tuple(groupName, decision, fc.nat(20), fc.boolean()), { maxLength: 20 })
  .map((list) =>
    list.map(([name, decided, above, isTop], n): CodedGroup => ({
      externalId: `g${n}`,
      parentExternalId: isTop || n === 0 ? null : `g${above % n}`,
      name,
      goneAt: null,
      ...decided,
    })),
  );

const someRules = fc.array(
  fc.record({
    pattern: groupName,
    state: fc.constantFrom("mapped" as const),
    client: fc.constantFrom("{client}", ...names.values()),
  }),
  { maxLength: 4 },
);

const wiped = (groups: readonly CodedGroup[]) =>
  groups.map((group) => ({ ...group, state: "inherit" as MappingState, ...nobody }));

describe("a mapping that is kept in a file", () => {
  it.each(mappingFormats)("is the same after it is applied to an empty one: %s", (format) => {
    fc.assert(
      fc.property(forest, someRules, (groups, rules) => {
        const rows = mappingRows(groups, nameOf);
        const read = readMappingFile(writeMappingFile({ groups: rows, rules }, format), format);
        if (read.state !== "read") throw new Error(JSON.stringify(read.problems));
        expect(read.rules).toEqual(rules);
        expect(compareMapping(groups, nameOf, read.groups)).toEqual({ state: "compared", changes: [] });
        const applied = compareMapping(wiped(groups), nameOf, read.groups);
        if (applied.state !== "compared") throw new Error(JSON.stringify(applied.problems));
        const decided = new Map(applied.changes.map(({ externalId, to }) => [externalId, to]));
        for (const { externalId, state, clientId, siteId, contactId } of groups) {
          const to = decided.get(externalId) ?? { state: "inherit", client: null };
          expect(to).toEqual({
            state,
            client: clientId === null ? null : names.get(clientId),
            ...(siteId !== null && { site: siteNames.get(siteId) }),
            ...(contactId !== null && { contact: "Ann" }),
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("names the row and column of every error", () => {
    const csv = [
      "path;state;client;site",
      '"Two\nlines";inherit;',
      "A;maped;Acme",
      "B;mapped;",
      "C;excluded;Acme",
      ";inherit;",
      "D;inherit;;Berlin",
    ].join("\n");
    expect(readMappingFile(csv, "csv")).toMatchObject({
      state: "invalid",
      problems: [
        { row: 4, column: "state" },
        { row: 5, column: "client", message: "Name the client." },
        { row: 6, column: "client" },
        { row: 7, column: "path" },
        { row: 8, column: "site" },
      ],
    });
    expect(readMappingFile("path,status,client\nA,mapped,B\n", "csv")).toMatchObject({
      problems: [
        { row: 1, column: "status", message: expect.stringContaining("no such column") },
        { row: 1, column: "state", message: "This column is missing." },
      ],
    });
    expect(
      readMappingFile('{"groups": [{"path": "A", "state": "inherit", "colour": 1}]}', "json"),
    ).toMatchObject({
      problems: [{ row: 1, column: "colour" }],
    });
    for (const text of ["", "{", "[]"]) expect(readMappingFile(text, "json").state).toBe("invalid");
  });

  it("keeps the rules if the file has none, and says where a rule is wrong", () => {
    expect(readMappingFile("path,state,client\nA,inherit,\n", "csv")).toMatchObject({ rules: undefined });
    expect(readMappingFile('{"groups": []}', "json")).toMatchObject({ rules: undefined });
    expect(readMappingFile("path,state,client,pattern\nA,inherit,,\n", "csv")).toMatchObject({ rules: [] });
    const csv = "path,state,client,pattern\nA,inherit,,\n,mapped,Acme,A/**\n,out,,B\nB,excluded,,\n";
    expect(readMappingFile(csv, "csv")).toMatchObject({
      state: "invalid",
      problems: [{ row: 4, column: "state" }],
    });
    const read = readMappingFile(csv.replace("out", "excluded"), "csv");
    expect(read).toMatchObject({ groups: [{ path: "A" }, { path: "B" }], rules: [{}, { pattern: "B" }] });
    if (read.state === "read") expect([read.lineOf(1), read.lineOf(1, "rules")]).toEqual([5, 4]);
  });

  it("tells several groups of one path apart, and refuses an unknown or repeated group", () => {
    const group = {
      parentExternalId: null,
      name: "A",
      state: "inherit" as const,
      ...nobody,
      goneAt: null,
    };
    const groups: CodedGroup[] = [
      { ...group, externalId: "1" },
      { ...group, externalId: "2" },
      { ...group, externalId: "3", name: "B" },
    ];
    const excluded = { state: "excluded" as const, client: null };
    const problems = (rows: { path: string; id?: string }[]) => {
      const outcome = compareMapping(
        groups,
        nameOf,
        rows.map((row) => ({ ...row, ...excluded })),
      );
      return outcome.state === "invalid"
        ? outcome.problems.map(({ row, column }) => [row, column])
        : outcome.changes;
    };
    expect(problems([{ path: "B" }, { path: "A" }, { path: "Z" }])).toEqual([
      [1, "id"],
      [2, "path"],
    ]);
    expect(problems([{ path: "B" }, { path: "B" }])).toEqual([[1, "path"]]);
    expect(problems([{ path: "A", id: "2" }])).toMatchObject([{ externalId: "2" }]);
    expect(problems([{ path: "B", id: "2" }])).toEqual([[0, "id"]]);
  });
});
