import { expect, it } from "vitest";

import { isSurprisingLoss } from "~/domain/fleet-guard";

it.each([
  [{ known: 100, absent: 0 }, false],
  [{ known: 12, absent: 10 }, false],
  [{ known: 12, absent: 11 }, true],
  [{ known: 100, absent: 20 }, false],
  [{ known: 100, absent: 21 }, true],
  [{ known: 10_000, absent: 2_000 }, false],
  [{ known: 10_000, absent: 2_001 }, true],
  [{ known: 10_000, absent: 10_000 }, true],
])("a loss of %o is surprising: %s", (loss, expected) => {
  expect(isSurprisingLoss(loss)).toBe(expected);
});
