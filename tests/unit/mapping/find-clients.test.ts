import { describe, expect, it } from "vitest";

import { findClients } from "~/features/mapping/find-clients";

const named = (...names: string[]) => names.map((name) => ({ id: name, name }));

describe("clients found by typing", () => {
  it("have the exact name first, then names that begin with it", () => {
    expect(findClients(named("Big Acme", "Acme Labs", "Other", "Acme"), "acme").map(({ id }) => id)).toEqual([
      "Acme",
      "Acme Labs",
      "Big Acme",
    ]);
  });
});
