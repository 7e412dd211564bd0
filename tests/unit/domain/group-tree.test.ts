import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  ancestorsOf,
  buildGroupTree,
  clientForDevice,
  resolveClients,
  type GroupInput,
  type MappedGroup,
} from "@domain/group-tree";

const group = (
  externalId: string,
  parentExternalId: string | null = null,
  name = externalId,
): GroupInput => ({
  externalId,
  parentExternalId,
  name,
});

const paths = (groups: GroupInput[]) => [...buildGroupTree(groups).byId.values()].map((node) => node.path);

describe("the group tree", () => {
  it("names a group by the names from the top", () => {
    const tree = buildGroupTree([
      group("office", "acme", "Branch Office"),
      group("acme", null, "Acme Corp"),
      group("lab", "office", "Lab"),
    ]);
    const lab = tree.byId.get("lab")!;
    expect(lab.path).toBe("Acme Corp / Branch Office / Lab");
    expect(lab.depth).toBe(2);
    expect(ancestorsOf(tree, "lab").map((node) => node.name)).toEqual(["Branch Office", "Acme Corp"]);
    expect(tree.roots.map((node) => node.name)).toEqual(["Acme Corp"]);
  });

  it("lists a parent before its children, and siblings by name", () => {
    const groups = [
      group("1", null, "Zeta"),
      group("2", "3", "site 10"),
      group("4", "3", "Site 2"),
      group("3", null, "acme"),
    ];
    expect(paths(groups)).toEqual(["acme", "acme / Site 2", "acme / site 10", "Zeta"]);
  });

  it("treats a group with an unknown parent as top-level", () => {
    const tree = buildGroupTree([group("site", "deleted", "Site")]);
    expect(tree.roots[0]).toMatchObject({ path: "Site", parentId: null, depth: 0 });
  });

  it.each([
    ["a group that is its own parent", [group("a", "a")], ["a"]],
    ["two that are each other's parent", [group("b", "a"), group("a", "b")], ["a", "a / b"]],
    [
      "a ring with a tail",
      [group("tail", "c"), group("c", "b"), group("b", "a"), group("a", "c")],
      ["a", "a / b", "a / b / c", "a / b / c / tail"],
    ],
  ])("survives %s", (_, groups, expected) => {
    expect(paths(groups)).toEqual(expected);
  });

  it("counts a repeated id once, with its last record", () => {
    expect(paths([group("a", null, "Old"), group("a", null, "New")])).toEqual(["New"]);
  });

  it("knows no ancestors of an unknown group", () => {
    expect(ancestorsOf(buildGroupTree([]), "x")).toEqual([]);
  });

  it("holds every group once, above its children, whatever the parents and the order", () => {
    fc.assert(
      fc.property(anyGroups(), fc.infiniteStream(fc.nat()), (groups, dice) => {
        const tree = buildGroupTree(groups);
        expect([...tree.byId.keys()].sort()).toEqual(groups.map((each) => each.externalId).sort());
        for (const node of tree.byId.values()) {
          const parent = node.parentId === null ? null : tree.byId.get(node.parentId)!;
          expect(node.depth).toBe(parent ? parent.depth + 1 : 0);
          expect((parent ? parent.children : tree.roots).filter((child) => child === node)).toHaveLength(1);
        }
        const shuffled = [...groups].sort(() => (dice.next().value % 3) - 1);
        expect(paths(shuffled)).toEqual([...tree.byId.values()].map((node) => node.path));
      }),
    );
  });

  it("handles a chain as long as the whole account without recursion", () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => group(`g${i}`, i === 0 ? null : `g${i - 1}`, "n"));
    expect(buildGroupTree(chain).byId.get("g19999")!.depth).toBe(19_999);
  });
});

type Row = [id: string, parent: string | null, state: MappedGroup["state"], clientId?: string];

const mapped = (...rows: Row[]): MappedGroup[] =>
  rows.map(([externalId, parentExternalId, state, clientId = null]) => ({
    externalId,
    parentExternalId,
    state,
    clientId,
  }));

describe("the client of a group", () => {
  const resolved = resolveClients(
    mapped(
      ["acme", null, "mapped", "client-acme"],
      ["site", "acme", "inherit"],
      ["dental", "site", "mapped", "client-dental"],
      ["chairs", "dental", "inherit"],
      ["private", "acme", "excluded"],
      ["attic", "private", "inherit"],
      ["shared", "attic", "mapped", "client-shared"],
      ["lobby", "shared", "inherit"],
      ["new", null, "inherit"],
      ["new-site", "new", "inherit"],
      ["clientless", "acme", "mapped"],
    ),
  );

  it.each([
    ["acme", { clientId: "client-acme", decidedBy: "acme" }],
    ["site", { clientId: "client-acme", decidedBy: "acme" }],
    ["dental", { clientId: "client-dental", decidedBy: "dental" }],
    ["chairs", { clientId: "client-dental", decidedBy: "dental" }],
    ["private", { skip: "excluded", decidedBy: "private" }],
    ["attic", { skip: "excluded", decidedBy: "private" }],
    ["shared", { clientId: "client-shared", decidedBy: "shared" }],
    ["lobby", { clientId: "client-shared", decidedBy: "shared" }],
    ["new-site", { skip: "unmapped", decidedBy: null }],
    ["clientless", { clientId: "client-acme", decidedBy: "acme" }],
  ])("of %s is decided by the nearest group that decides: %j", (id, expected) => {
    expect(resolved.get(id)).toEqual(expected);
  });

  it.each([
    [null, { skip: "ungrouped" }],
    ["never-heard-of", { skip: "unmapped" }],
    ["new", { skip: "unmapped" }],
    ["attic", { skip: "excluded" }],
    ["lobby", { clientId: "client-shared" }],
  ])("for a device in %s is %j", (groupId, expected) => {
    expect(clientForDevice(resolved, groupId)).toEqual(expected);
  });

  it("is found 50 levels up", () => {
    const rows = Array.from({ length: 50 }, (_, i): Row => [
      `g${i}`,
      i === 0 ? null : `g${i - 1}`,
      "inherit",
    ]);
    rows[0] = ["g0", null, "mapped", "client-top"];
    expect(clientForDevice(resolveClients(mapped(...rows)), "g49")).toEqual({ clientId: "client-top" });
  });

  it("is the same for all groups of a mapped ring", () => {
    const ring = resolveClients(
      mapped(["a", "c", "inherit"], ["b", "a", "mapped", "client"], ["c", "b", "inherit"]),
    );
    expect(clientForDevice(ring, "c")).toEqual({ clientId: "client" });
    expect(clientForDevice(ring, "a")).toEqual({ skip: "unmapped" });
  });

  it("equals that of the first deciding group on the way up the tree", () => {
    const anyMapping = anyGroups().chain((groups) =>
      fc.tuple(
        ...groups.map((each) =>
          fc.constantFrom<MappedGroup["state"]>("mapped", "inherit", "excluded").map((state) => ({
            ...each,
            state,
            clientId: state === "mapped" ? `client of ${each.externalId}` : null,
          })),
        ),
      ),
    );
    fc.assert(
      fc.property(anyMapping, (groups) => {
        const tree = buildGroupTree(groups);
        const resolutions = resolveClients(groups);
        for (const node of tree.byId.values()) {
          const line = [node, ...ancestorsOf(tree, node.externalId)];
          const decider = line.find(({ group: { state } }) => state !== "inherit")?.group;
          const expected = !decider
            ? { skip: "unmapped" }
            : decider.state === "excluded"
              ? { skip: "excluded" }
              : { clientId: decider.clientId };
          expect(clientForDevice(resolutions, node.externalId)).toEqual(expected);
          expect(resolutions.get(node.externalId)!.decidedBy).toBe(decider?.externalId ?? null);
        }
      }),
    );
  });
});

/** Distinct ids with parents that may be missing, unknown, themselves or in a ring. */
function anyGroups() {
  const id = fc.integer({ min: 0, max: 30 }).map((n) => `g${n}`);
  return fc.uniqueArray(
    fc.record({ externalId: id, parentExternalId: fc.option(id), name: fc.string({ maxLength: 5 }) }),
    { selector: (each) => each.externalId, minLength: 1, maxLength: 25 },
  );
}
