import { expect, it } from "vitest";

import type { Db } from "@db/client";
import { readTogether } from "~/platform/live/read-together";

/** Readings that end when the test says. */
function counted() {
  const begun: { end(value: string): void; fail(error: Error): void }[] = [];
  const read = () =>
    new Promise<string>((resolve, reject) => void begun.push({ end: resolve, fail: reject }));
  return { begun, read };
}

it("two readings answer many tabs that ask at once, each begun after its tabs asked", async () => {
  const db = {} as Db;
  const { begun, read } = counted();
  const ask = () => readTogether(db, "acme", "counts", read);
  const first = ask();
  const others = Array.from({ length: 20 }, ask);
  expect(begun).toHaveLength(1);
  begun[0]!.end("before");
  expect(await first).toBe("before");
  await expect.poll(() => begun.length).toBe(2);
  const late = ask();
  begun[1]!.end("after");
  expect(await Promise.all(others)).toEqual(others.map(() => "after"));
  await expect.poll(() => begun.length).toBe(3);
  begun[2]!.end("last");
  expect(await late).toBe("last");
});

it("another company, another question and another database never share a reading", () => {
  const { begun, read } = counted();
  const db = {} as Db;
  void readTogether(db, "acme", "counts", read);
  void readTogether(db, "other", "counts", read);
  void readTogether(db, "acme", "alerts", read);
  void readTogether({} as Db, "acme", "counts", read);
  expect(begun).toHaveLength(4);
});

it("a failed reading is an error for those who waited for it, and not for later ones", async () => {
  const db = {} as Db;
  const { begun, read } = counted();
  const first = readTogether(db, "acme", "counts", read);
  const second = readTogether(db, "acme", "counts", read);
  begun[0]!.fail(new Error("too long"));
  await expect(first).rejects.toThrow("too long");
  await expect.poll(() => begun.length).toBe(2);
  begun[1]!.end("fine");
  expect(await second).toBe("fine");
});
