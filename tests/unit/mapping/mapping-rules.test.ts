import { describe, expect, it } from "vitest";

import { compareRules } from "@domain/compare-rules";
import { followRules, ruleProblem, type MappingRule, type RuledGroup } from "@domain/mapping-rules";

/** A group by its path, its names with `>` between them. */
function groupsOf(...paths: string[]): RuledGroup[] {
  return paths.map((path) => {
    const at = path.lastIndexOf(">");
    return {
      externalId: path,
      parentExternalId: at < 0 ? null : path.slice(0, at),
      name: path.slice(at + 1),
      state: "inherit",
      clientId: null,
      siteId: null,
      contactId: null,
      ruleId: null,
      ruleClient: null,
      rulePlace: null,
      goneAt: null,
    };
  });
}
const rule = (pattern: string, more: Partial<MappingRule> = {}): MappingRule => ({
  id: pattern,
  pattern,
  state: "mapped",
  client: "Acme",
  clientId: "acme",
  ...more,
});
const noPlace = { siteId: null, contactId: null, siteName: null, contactName: null, rulePlace: null };
const fitting = (pattern: string, ...paths: string[]) =>
  followRules(groupsOf(...paths), [rule(pattern)]).map(({ externalId }) => externalId);

describe("a rule by path", () => {
  it.each([
    ["HQ/*/Servers", ["HQ", "HQ>Berlin", "HQ>Berlin>Servers", "HQ>Berlin>PCs"], ["HQ>Berlin>Servers"]],
    ["HQ/**", ["HQ", "HQ>Berlin", "HQ>Berlin>Servers", "Other"], ["HQ", "HQ>Berlin", "HQ>Berlin>Servers"]],
    ["**/Servers", ["Servers", "HQ", "HQ>servers"], ["HQ>servers", "Servers"]],
    ["hq / b?rl*", ["HQ", "HQ>Berlin", "HQ>Bonn"], ["HQ>Berlin"]],
    ["AC\\/DC", ["AC/DC", "AC", "AC>DC"], ["AC/DC"]],
    ["a(b)[c]|.+^$", ["a(b)[c]|.+^$", "ab"], ["a(b)[c]|.+^$"]],
    ["Söhne 🦊", ["SÖHNE 🦊"], ["SÖHNE 🦊"]],
  ])("%s matches the groups that it should", (pattern, paths, expected) => {
    expect(fitting(pattern, ...paths).sort()).toEqual([...expected].sort());
  });

  it("takes the client's name from the path", () => {
    const groups = groupsOf("Customers", "Customers>Initech", "Customers>Initech>PCs");
    const byName = rule("Customers/{client}/**", { client: "{client} Ltd", clientId: null });
    expect(followRules(groups, [byName])).toEqual(
      ["Customers>Initech", "Customers>Initech>PCs"].map((externalId) => ({
        externalId,
        state: "mapped",
        clientId: null,
        clientName: "Initech Ltd",
        ruleId: byName.id,
        ruleClient: "Initech Ltd",
        ...noPlace,
      })),
    );
  });

  it("leaves groups alone that a person decided on, that are gone, or that follow it already", () => {
    const [decided, gone, following] = groupsOf("A", "B", "C");
    const groups: RuledGroup[] = [
      { ...decided!, state: "excluded" },
      { ...gone!, goneAt: "2026-11-01" },
      { ...following!, state: "mapped", clientId: "acme", ruleId: "*" },
    ];
    expect(followRules(groups, [rule("*")])).toEqual([]);
  });

  it("keeps the client that a group has by its name, whatever that client is called since", () => {
    const [group] = groupsOf("Initech");
    const byName = rule("{client}", { client: "{client}", clientId: null });
    const before = { state: "mapped", clientId: "c1", ruleId: byName.id, ruleClient: "Initech" } as const;
    expect(followRules([{ ...group!, ...before }], [byName])).toEqual([]);
    const renamed = { ...group!, ...before, name: "Initrode" };
    expect(followRules([renamed], [byName])[0]).toMatchObject({ clientName: "Initrode", clientId: null });
  });

  it("applies in its order, and no more once removed; a rule of an archived client only for groups that have it", () => {
    const [group] = groupsOf("A");
    const first = rule("A", { state: "excluded", client: null, clientId: null });
    expect(followRules([group!], [first, rule("*")])[0]).toMatchObject({ state: "excluded" });
    expect(followRules([group!], [{ ...rule("A"), isClientArchived: true }])).toEqual([]);
    const merged: RuledGroup = { ...group!, state: "mapped", clientId: "other", ruleId: "A" };
    expect(followRules([merged], [{ ...rule("A"), isClientArchived: true }])).toEqual([]);
    const ruled: RuledGroup = { ...group!, state: "mapped", clientId: "acme", ruleId: "A" };
    expect(followRules([ruled], [])).toEqual([
      {
        externalId: "A",
        state: "inherit",
        clientId: null,
        clientName: null,
        ruleId: null,
        ruleClient: null,
        ...noPlace,
      },
    ]);
  });

  it("takes site and contact from the path too, and keeps those that a group has while their names stay", () => {
    const [group] = groupsOf("Initech>Berlin").map((one) => ({
      ...one,
      parentExternalId: null,
      name: "Berlin",
    }));
    const bySite = rule("{site}", { site: "{site} office", contact: "Ann" });
    const [first] = followRules([group!], [bySite]);
    expect(first).toMatchObject({ siteName: "Berlin office", contactName: "Ann", siteId: null });
    const before = {
      ...group!,
      state: "mapped",
      clientId: "acme",
      siteId: "s1",
      contactId: "c1",
      ruleId: bySite.id,
      rulePlace: first!.rulePlace,
    } as const;
    expect(followRules([before], [bySite])).toEqual([]);
    expect(followRules([before], [{ ...bySite, site: "Bonn" }])[0]).toMatchObject({
      siteName: "Bonn",
      siteId: null,
      contactName: "Ann",
    });
    expect(followRules([before], [{ ...bySite, site: null, contact: null }])[0]).toMatchObject(noPlace);
  });

  it("answers at once whatever pattern and name are typed", () => {
    const started = process.cpuUsage().user;
    fitting(`${"*a".repeat(500)}b`, "a".repeat(10_000));
    fitting(`${"**/a/".repeat(100)}b`, Array.from({ length: 300 }, () => "a").join(">"));
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(2_000);
  });

  it("says what is wrong with it", () => {
    const { id: _, clientId: __, ...good } = rule("A/{x}");
    expect(ruleProblem(good)).toBeNull();
    expect(ruleProblem({ ...good, client: "{x}" })).toBeNull();
    expect(ruleProblem({ ...good, client: "{y}" })).toMatchObject({ column: "client" });
    expect(ruleProblem({ ...good, client: null })).toMatchObject({ column: "client" });
    expect(ruleProblem({ ...good, state: "excluded" })).toMatchObject({ column: "client" });
    expect(ruleProblem({ ...good, site: "{y}" })).toMatchObject({ column: "site" });
    expect(ruleProblem({ ...good, state: "inherit", client: null, contact: "Ann" })).toMatchObject({
      column: "contact",
    });
    expect(ruleProblem({ ...good, pattern: "A//B" })).toMatchObject({ column: "pattern" });
    expect(ruleProblem({ ...good, pattern: " " })).toMatchObject({ column: "pattern" });
  });

  it("is compared with the stored rules: new, different, moved, removed", () => {
    const stored = [rule("A"), rule("B"), rule("C"), rule("D")];
    const wanted = [rule("b"), rule("A"), rule("C", { site: "Bonn" }), rule("E")];
    const changes = compareRules(stored, wanted).map(({ pattern, change }) => `${pattern} ${change}`);
    expect(changes).toEqual(["b moved", "A moved", "C changed", "E added", "D removed"]);
    expect(compareRules(stored, stored).every(({ change }) => change === "none")).toBe(true);
  });
});
