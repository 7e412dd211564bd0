import { it } from "vitest";

import { fuzzServer } from "@tests/support/webhook-http-fuzz";

it(
  "400 generated requests to the server as it runs cause no 5xx, and only right ones are taken over",
  () => fuzzServer(400),
  300_000,
);
