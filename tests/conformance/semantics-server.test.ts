import { describe, test } from "vitest";

import { describeSemantics } from "./suite";
import { serverTarget } from "./targets";

/** The address of an Inngest server on this machine that calls functions over HTTP, such as its development server. */
const baseUrl = process.env["INNGEST_BASE_URL"];

if (baseUrl !== undefined) describeSemantics(serverTarget(baseUrl));
else describe.skip("On an Inngest server", () => test("none is named by INNGEST_BASE_URL", () => {}));
