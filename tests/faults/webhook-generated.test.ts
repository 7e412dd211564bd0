import { it } from "vitest";

import { fuzzWithoutSecret, fuzzWithSecret } from "@tests/support/webhook-fuzz";
import { fuzzServer } from "@tests/support/webhook-http-fuzz";

const MINUTES = 60_000;

it(
  "80,000 generated requests without a valid secret cause no 5xx and write nothing",
  () => fuzzWithoutSecret(80_000),
  30 * MINUTES,
);

it("20,000 generated bodies with a valid secret cause no 5xx", () => fuzzWithSecret(20_000), 30 * MINUTES);

it("4,000 generated requests to the running server cause no 5xx", () => fuzzServer(4_000), 30 * MINUTES);
