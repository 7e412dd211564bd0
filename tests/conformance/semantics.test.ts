import { afterAll, beforeAll, describe, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "@tests/support/database";

import { eventSpecs } from "./specs/events";
import { failureSpecs } from "./specs/failures";
import { flowSpecs } from "./specs/flow";
import { stepSpecs } from "./specs/steps";
import { embeddedTarget, serverTarget, type Target } from "./targets";
import type { Spec } from "./world";

const groups = {
  Steps: stepSpecs,
  Failures: failureSpecs,
  "Flow control": flowSpecs,
  Events: eventSpecs,
};

const databases: Record<"embedded" | "postgres", TestDatabase | undefined> = {
  embedded: undefined,
  postgres: undefined,
};

beforeAll(async () => {
  databases.embedded = await createTestDatabase("embedded");
  databases.postgres = await createTestDatabase("postgres");
});

afterAll(async () => {
  await databases.embedded?.close();
  await databases.postgres?.close();
});

const serverUrl = process.env["INNGEST_BASE_URL"];
const targets: Target[] = [
  embeddedTarget("the embedded runner on the embedded database", () => databases.embedded!.db),
  embeddedTarget("the embedded runner on Postgres", () => databases.postgres!.db),
  ...(serverUrl === undefined ? [] : [serverTarget(serverUrl)]),
];

describe.each(targets)("On $name", (target) => {
  const asked = Object.values(groups)
    .flat()
    .filter((spec) => !target.isServer || spec.embeddedOnly === undefined);
  const checks = new Map<Spec, Promise<void>>();
  let close = async () => {};

  beforeAll(async () => {
    const opened = await target.open(asked);
    close = opened.close;
    // All specs run side by side, for most of their time is waiting; each test then looks at its own.
    for (const [spec, world] of opened.worlds) {
      const check = spec.check(world);
      check.catch(() => {});
      checks.set(spec, check);
    }
  });

  afterAll(async () => {
    await Promise.allSettled(checks.values());
    await close();
  });

  describe.each(Object.entries(groups))("%s:", (_, specs) => {
    test.each(specs.filter((spec) => asked.includes(spec)))(
      "$title",
      { timeout: target.isServer ? 150_000 : 60_000 },
      async (spec) => {
        await checks.get(spec);
      },
    );
  });
});
