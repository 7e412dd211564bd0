import { it } from "vitest";

import { fuzzWithoutSecret, fuzzWithSecret } from "@tests/support/webhook-fuzz";

it(
  "1,000 generated requests without a right secret cause no 5xx and write nothing",
  () => fuzzWithoutSecret(1_000),
  120_000,
);

it("1,000 generated bodies with a right secret cause no 5xx", () => fuzzWithSecret(1_000), 120_000);
