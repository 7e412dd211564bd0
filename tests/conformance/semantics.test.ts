import { afterAll, beforeAll, describe, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "@tests/support/database";

import { eventSpecs } from "./specs/events";
import { failureSpecs } from "./specs/failures";
import { flowSpecs } from "./specs/flow";
import { stepSpecs } from "./specs/steps";
import { embeddedTarget, serverTarget, type Target } from "./targets";

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
  describe.each(Object.entries(groups))("%s:", (_, specs) => {
    const asked = specs.filter((spec) => !target.isServer || spec.embeddedOnly === undefined);
    test.each(asked)("$title", { timeout: target.isServer ? 120_000 : 30_000 }, async (spec) => {
      const { world, close } = await target.open(spec);
      try {
        await spec.check(world);
      } finally {
        await close();
      }
    });
  });
});
