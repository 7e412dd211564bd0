import { it } from "vitest";

import { fuzzWithoutSecret, fuzzWithSecret } from "@tests/support/webhook-fuzz";

it(
  "500 generated requests without a valid secret cause no 5xx and write nothing",
  () => fuzzWithoutSecret(500),
  120_000,
);

it("500 generated bodies with a valid secret cause no 5xx", () => fuzzWithSecret(500), 120_000);
