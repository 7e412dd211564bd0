import { inject } from "vitest";

import { recordStatements } from "../support/recorded-statements";

/** What the tests put to Postgres, `tests/dialect` puts to both databases. */
const folder = inject("recordedFolder");
if (folder !== undefined) recordStatements(folder);
