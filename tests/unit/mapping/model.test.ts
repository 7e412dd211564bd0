import { describe, expect, it } from "vitest";

import {
  buildTree,
  changesOf,
  clientNames,
  liveDrafts,
  parentsOf,
  resolveWithDrafts,
  visibleRows,
  type Assignment,
  type StateFilter,
} from "~/features/mapping/model";
import { meaningOf } from "~/features/mapping/tree-row";
import type { MappingGroup } from "~/features/mapping/mapping.page.server";

const group = (
  id: string,
  parentId: string | null = null,
  more: Partial<MappingGroup> = {},
): MappingGroup => ({
  id,
  parentId,
  name: id,
  state: "inherit",
  clientId: null,
  devices: 0,
  goneAt: null,
  suggestion: null,
  rule: null,
  siteId: null,
  contactId: null,
  ...more,
});

/** Acme (mapped) with a branch and its servers, an excluded lab, and a group that nobody decided on. */
const tree = buildTree([
  group("Acme", null, { state: "mapped", clientId: "acme", devices: 2 }),
  group("Branch", "Acme", { devices: 3 }),
  group("Servers", "Branch", { devices: 4 }),
  group("Lab", "Acme", { state: "excluded", devices: 1 }),
  group("Beta", null, { devices: 5, suggestion: { clientId: "beta", match: "exact" } }),
  group("Old", null, { goneAt: "2026-11-01T00:00:00Z" }),
]);
const clients = [
  { id: "acme", name: "Acme Inc" },
  { id: "beta", name: "Beta" },
];
const drafted = (drafts: Record<string, Assignment>) =>
  liveDrafts(tree, new Map(Object.entries(drafts)), clients);

const show = (
  options: {
    query?: string;
    filter?: StateFilter;
    collapsed?: string[];
    drafts?: Record<string, Assignment>;
  } = {},
) => {
  const drafts = drafted(options.drafts ?? {});
  return visibleRows({
    tree,
    drafts,
    resolved: resolveWithDrafts(tree, drafts),
    query: options.query ?? "",
    filter: options.filter ?? "all",
    collapsed: new Set(options.collapsed ?? []),
  });
};
const shownIds = (...options: Parameters<typeof show>) => show(...options).map((row) => row.id);

describe("the tree", () => {
  it("counts the devices of a branch with all that is under it", () => {
    expect([...tree.values()].map((node) => [node.group.id, node.subtreeDevices])).toEqual([
      ["Acme", 10],
      ["Branch", 7],
      ["Servers", 4],
      ["Lab", 1],
      ["Beta", 5],
      ["Old", 0],
    ]);
  });

  it("knows each group's depth and place among its siblings", () => {
    expect(tree.get("Servers")).toMatchObject({
      depth: 2,
      position: 1,
      siblings: 1,
      path: "Acme / Branch / Servers",
    });
    expect(tree.get("Lab")).toMatchObject({ depth: 1, position: 2, siblings: 2 });
    expect(tree.get("Old")).toMatchObject({ depth: 0, position: 3, siblings: 3 });
  });
});

describe("what is shown", () => {
  it("hides what is under a collapsed group", () => {
    expect(shownIds({ collapsed: ["Branch"] })).toEqual(["Acme", "Branch", "Lab", "Beta", "Old"]);
    expect(shownIds({ collapsed: [...parentsOf(tree)] })).toEqual(["Acme", "Beta", "Old"]);
  });

  it("finds a group by words of its path, with the groups above it, whatever is collapsed", () => {
    const rows = show({ query: "acme serv", collapsed: ["Acme"] });
    expect(rows.map(({ id, matches }) => [id, matches])).toEqual([
      ["Acme", false],
      ["Branch", false],
      ["Servers", true],
    ]);
  });

  it.each([
    ["unmapped", ["Beta"]],
    ["mapped", ["Acme", "Branch", "Servers"]],
    ["excluded", ["Acme", "Lab"]],
    ["suggested", ["Beta"]],
    ["gone", ["Old"]],
    ["changed", []],
  ] as [StateFilter, string[]][])("narrows to %s", (filter, ids) => {
    expect(shownIds({ filter })).toEqual(ids);
  });

  it("counts drafts in what it narrows to", () => {
    const drafts = { Beta: { state: "mapped", clientId: "beta" } as const };
    expect(shownIds({ filter: "unmapped", drafts })).toEqual([]);
    expect(shownIds({ filter: "changed", drafts })).toEqual(["Beta"]);
  });
});

describe("drafts", () => {
  it("that equal the stored mapping are not drafts", () => {
    expect(drafted({ Acme: { state: "mapped", clientId: "acme" }, Branch: { state: "inherit" } }).size).toBe(
      0,
    );
    expect(drafted({ Unknown: { state: "excluded" } }).size).toBe(0);
  });

  it("of a new client refer to that client once it exists, so a saved draft is no draft any more", () => {
    expect(drafted({ Acme: { state: "mapped", clientName: " acme INC " } }).size).toBe(0);
    expect(drafted({ Lab: { state: "mapped", clientName: "Beta" } })).toEqual(
      new Map([["Lab", { state: "mapped", clientId: "beta" }]]),
    );
  });

  it("show at once what they would lead to", () => {
    const drafts = drafted({
      Branch: { state: "mapped", clientName: "Branch Co" },
      Acme: { state: "inherit" },
      Lab: { state: "mapped", clientName: "branch co" },
    });
    const resolved = resolveWithDrafts(tree, drafts);
    const names = clientNames(clients, drafts);
    const text = (id: string) => meaningOf(id, resolved.get(id), names).text;
    expect(["Acme", "Branch", "Servers", "Lab", "Beta"].map(text)).toEqual([
      "Not mapped",
      "Branch Co",
      "inherits Branch Co",
      "Branch Co",
      "Not mapped",
    ]);
  });

  it("are sent as what the server takes", () => {
    const drafts = drafted({ Beta: { state: "mapped", clientName: "Beta Ltd" }, Lab: { state: "inherit" } });
    expect(changesOf(drafts)).toEqual([
      { externalId: "Beta", state: "mapped", clientName: "Beta Ltd" },
      { externalId: "Lab", state: "inherit" },
    ]);
  });
});
