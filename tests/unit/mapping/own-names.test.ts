import { describe, expect, it } from "vitest";

import { buildTree } from "~/features/mapping/model";
import { ownNames } from "~/features/mapping/own-names";

const group = (name: string, suggestion: { clientId: string; match: "exact" | "similar" } | null = null) => ({
  id: name,
  parentId: null,
  name,
  state: "inherit" as const,
  clientId: null,
  siteId: null,
  contactId: null,
  devices: 0,
  goneAt: null,
  suggestion,
  rule: null,
});

describe("a client for each top-level group", () => {
  const tree = buildTree([
    group("Borealis 0", { clientId: "Borealis 0 GmbH", match: "similar" }),
    group("Acme", { clientId: "acme", match: "exact" }),
    group("New one"),
  ]);

  it("makes no near-double of a client that is suggested", () => {
    const { assignments, resembling } = ownNames(tree, ["Borealis 0", "Acme", "New one"]);
    expect([...assignments]).toEqual([
      ["Acme", { state: "mapped", clientId: "acme" }],
      ["New one", { state: "mapped", clientName: "New one" }],
    ]);
    expect(resembling).toEqual(["Borealis 0"]);
  });

  it("is made for those too, once only they are left", () => {
    expect([...ownNames(tree, ["Borealis 0"]).assignments]).toEqual([
      ["Borealis 0", { state: "mapped", clientName: "Borealis 0" }],
    ]);
  });
});
