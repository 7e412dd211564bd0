import { afterAll, beforeAll, describe, test } from "vitest";

import { eventSpecs } from "./specs/events";
import { failureSpecs } from "./specs/failures";
import { flowSpecs } from "./specs/flow";
import { stepSpecs } from "./specs/steps";
import type { Target } from "./targets";
import type { Spec, World } from "./world";

const groups = {
  Steps: stepSpecs,
  Failures: failureSpecs,
  "Flow control": flowSpecs,
  Events: eventSpecs,
};

/** Specs mostly wait; with more of them at once, they would compete for the CPU. */
const SIDE_BY_SIDE = 8;

/** Declares the tests of all specs on a target. Specs run side by side; each test awaits its own. */
export function describeSemantics(target: Target): void {
  describe(`On ${target.name}`, () => {
    const asked = Object.values(groups)
      .flat()
      .filter((spec) => !target.isServer || spec.embeddedOnly === undefined);
    let checks: ReadonlyMap<Spec, Promise<void>> = new Map();
    let close = async () => {};

    beforeAll(async () => {
      const opened = await target.open(asked);
      close = opened.close;
      checks = checkAll(opened.worlds);
    });

    afterAll(async () => {
      await Promise.allSettled(checks.values());
      await close();
    });

    describe.each(Object.entries(groups))("%s:", (_, specs) => {
      test.each(specs.filter((spec) => asked.includes(spec)))("$title", { timeout: 240_000 }, (spec) =>
        checks.get(spec),
      );
    });
  });
}

/** Each spec starts when the one `SIDE_BY_SIDE` places before it has ended, passed or failed. */
function checkAll(worlds: ReadonlyMap<Spec, World>): Map<Spec, Promise<void>> {
  const lanes = Array.from({ length: SIDE_BY_SIDE }, () => Promise.resolve());
  const checks = new Map<Spec, Promise<void>>();
  for (const [i, [spec, world]] of [...worlds].entries()) {
    const lane = i % SIDE_BY_SIDE;
    const check = lanes[lane]!.then(() => spec.check(world));
    lanes[lane] = check.catch(() => {});
    checks.set(spec, check);
  }
  return checks;
}
