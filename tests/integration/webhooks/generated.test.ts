import { it } from "vitest";

import { fuzzWithoutSecret, fuzzWithSecret } from "@tests/support/webhook-fuzz";

it(
  "500 generated requests without a right secret cause no 5xx and write nothing",
  () => fuzzWithoutSecret(500),
  120_000,
);

it("500 generated bodies with a right secret cause no 5xx", () => fuzzWithSecret(500), 120_000);
