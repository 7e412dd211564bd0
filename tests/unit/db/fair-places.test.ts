import { describe, expect, it } from "vitest";

import { FairPlaces, LeftBeforeTurnError, limitsOf, type Owner } from "@db/fair-places";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work that goes on until it is ended. */
function open(limits: { total: number; ofCompany: number; ofPerson: number }) {
  const places = new FairPlaces(limits);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    places,
    begun,
    begin: (name: string, owner: Owner, signal?: AbortSignal) =>
      places.hold(owner, signal, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }),
    end: async (name: string) => {
      ends.get(name)!();
      await settled();
    },
  };
}

const anna = { company: "one", person: "anna" };
const bert = { company: "one", person: "bert" };
const carl = { company: "two", person: "carl" };
const limits = { total: 4, ofCompany: 3, ofPerson: 2 };

describe("places", () => {
  it("let one person work in so many of them, and others at once", async () => {
    const { begin, begun, end } = open(limits);
    for (let n = 0; n < 5; n++) void begin(`anna ${n}`, anna);
    void begin("bert", bert);
    void begin("carl", carl);
    await settled();
    expect(begun).toEqual(["anna 0", "anna 1", "bert", "carl"]);
    await end("anna 1");
    expect(begun.slice(4)).toEqual(["anna 2"]);
  });

  it("leave one for others whatever the people of a company ask for together", async () => {
    const { begin, begun } = open(limits);
    for (const person of ["a", "b", "c", "d"]) void begin(person, { company: "one", person });
    void begin("carl", carl);
    await settled();
    expect(begun).toEqual(["a", "b", "c", "carl"]);
  });

  it("go to the company and the person that have the fewest, then to what came first", async () => {
    const { begin, begun, end } = open({ total: 2, ofCompany: 2, ofPerson: 2 });
    void begin("anna 0", anna);
    void begin("anna 1", anna);
    void begin("anna 2", anna);
    void begin("bert 0", bert);
    void begin("carl 0", carl);
    void begin("carl 1", carl);
    await settled();
    await end("anna 0");
    await end("carl 0");
    await end("carl 1");
    await end("anna 1");
    expect(begun).toEqual(["anna 0", "anna 1", "carl 0", "carl 1", "bert 0", "anna 2"]);
  });

  it("count work that no person waits for as the company's alone", async () => {
    const { begin, begun } = open(limits);
    for (let n = 0; n < 4; n++) void begin(`none ${n}`, { company: "one", person: undefined });
    await settled();
    expect(begun).toEqual(["none 0", "none 1", "none 2"]);
  });

  it("forget who left while they waited, and never begin their work", async () => {
    const { begin, begun, end } = open({ total: 1, ofCompany: 1, ofPerson: 1 });
    const gone = new AbortController();
    void begin("first", anna);
    const left = begin("left", anna, gone.signal);
    void begin("next", anna);
    gone.abort();
    await expect(left).rejects.toThrow(LeftBeforeTurnError);
    await expect(begin("too late", anna, gone.signal)).rejects.toThrow(LeftBeforeTurnError);
    await end("first");
    expect(begun).toEqual(["first", "next"]);
  });

  it("stay with work whose reader leaves, until it ends", async () => {
    const { begin, begun, end } = open({ total: 1, ofCompany: 1, ofPerson: 1 });
    const gone = new AbortController();
    const first = begin("first", anna, gone.signal);
    void begin("next", anna);
    gone.abort();
    await settled();
    expect(begun).toEqual(["first"]);
    await end("first");
    await first;
    expect(begun).toEqual(["first", "next"]);
  });

  it("are given back by work that fails, also before it waits for anything", async () => {
    const { places } = open({ total: 1, ofCompany: 1, ofPerson: 1 });
    const failing = () => places.hold(anna, undefined, () => Promise.reject(new Error("broken")));
    const throwing = () =>
      places.hold(anna, undefined, () => {
        throw new Error("broken");
      });
    await Promise.all([
      expect(failing()).rejects.toThrow("broken"),
      expect(throwing()).rejects.toThrow("broken"),
      expect(failing()).rejects.toThrow("broken"),
    ]);
    expect(await places.hold(anna, undefined, () => Promise.resolve("done"))).toBe("done");
  });

  it("are all free again after any mix of work, errors and people who leave", async () => {
    const { places } = open(limits);
    const working = new Map<string, number>();
    let most = 0;
    const work = async (person: string, n: number) => {
      const now = (working.get(person) ?? 0) + 1;
      working.set(person, now);
      most = Math.max(most, now);
      for (let turn = 0; turn < n % 4; turn++) await settled();
      working.set(person, working.get(person)! - 1);
      if (n % 5 === 0) throw new Error("broken");
    };
    const all = Array.from({ length: 500 }, (_, n) => {
      const leaving = new AbortController();
      const person = `person ${n % 7}`;
      const held = places.hold({ company: `company ${n % 3}`, person }, leaving.signal, () =>
        work(`${n % 3} ${person}`, n),
      );
      if (n % 6 === 0) setImmediate(() => leaving.abort());
      return held.catch(() => {});
    });
    await Promise.all(all);
    expect(most).toBeLessThanOrEqual(limits.ofPerson);
    const begun: number[] = [];
    const never = new Promise<void>(() => {});
    for (let n = 0; n < limits.total; n++)
      void places.hold({ company: `new ${n}`, person: "somebody" }, undefined, () => (begun.push(n), never));
    await settled();
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});

describe("the limits of a pool", () => {
  it.each([
    [1, { total: 1, ofCompany: 1, ofPerson: 1 }],
    [2, { total: 2, ofCompany: 2, ofPerson: 1 }],
    [3, { total: 2, ofCompany: 2, ofPerson: 1 }],
    [5, { total: 4, ofCompany: 3, ofPerson: 2 }],
    [20, { total: 19, ofCompany: 13, ofPerson: 2 }],
  ])(
    "of %i connections leave a person fewer than a company, and a company fewer than all",
    (size, expected) => {
      expect(limitsOf(size)).toEqual(expected);
    },
  );
});
