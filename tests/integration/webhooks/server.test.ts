import { it } from "vitest";

import { fuzzServer } from "@tests/support/webhook-http-fuzz";

it(
  "400 generated requests to the running server cause no 5xx, and only valid ones are stored",
  () => fuzzServer(400),
  300_000,
);
