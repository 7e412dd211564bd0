import { describe, expect, it } from "vitest";

import { findClients } from "~/features/mapping/find-clients";

const named = (...names: string[]) => names.map((name) => ({ id: name, name }));

describe("clients found by typing", () => {
  it("have the very name first, then those that begin so", () => {
    expect(findClients(named("Big Acme", "Acme Labs", "Other", "Acme"), "acme").map(({ id }) => id)).toEqual([
      "Acme",
      "Acme Labs",
      "Big Acme",
    ]);
  });
});
