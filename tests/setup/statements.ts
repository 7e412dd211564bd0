import { inject } from "vitest";

import { recordStatements } from "../support/recorded-statements";

/** Records the statements that tests send to Postgres; `tests/dialect` runs them on both databases. */
const folder = inject("recordedFolder");
if (folder !== undefined) recordStatements(folder);
