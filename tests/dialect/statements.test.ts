import { afterAll, beforeAll, describe, expect, it, inject } from "vitest";

import type { Db } from "@db/client";

import { createTestDatabase, type TestDatabase } from "../support/database";
import { recordedStatements, type RecordedStatement } from "../support/recorded-statements";

/** Folder with the statements of this run; undefined if the tests that record them are not part of it. */
const folder = inject("recordedFolder");

/** What a database answers to a statement without rows: the types of its columns, or the class of its error. */
interface Answer {
  columns?: string[];
  rows?: number;
  refusal?: string;
}

describe.runIf(folder !== undefined)("every statement that the tests put to Postgres", () => {
  let postgres: TestDatabase;
  let embedded: TestDatabase;

  beforeAll(async () => {
    [postgres, embedded] = await Promise.all([
      createTestDatabase("postgres"),
      createTestDatabase("embedded"),
    ]);
  });
  afterAll(() => Promise.all([postgres.close(), embedded.close()]));

  it("gets the same answer from the embedded database", async () => {
    const statements = recordedStatements(folder!);
    expect(statements.length).toBeGreaterThan(500);
    const different = [];
    for (const statement of statements) {
      const [onPostgres, onEmbedded] = await Promise.all([
        answerTo(postgres.db, statement),
        answerTo(embedded.db, statement),
      ]);
      if (JSON.stringify(onPostgres) !== JSON.stringify(onEmbedded)) {
        different.push({ text: statement.text, onPostgres, onEmbedded });
      }
    }
    expect(different).toEqual([]);
  });
});

class RolledBack extends Error {}

/** Runs the statement with the test's values and rolls it back. */
async function answerTo(db: Db, { text, params, prepared }: RecordedStatement): Promise<Answer> {
  let answer: Answer = {};
  try {
    await db.transaction(async (tx) => {
      const query = tx._.session.prepareQuery(
        { sql: text, params },
        undefined,
        prepared ? "prepared" : undefined,
        false,
      );
      const rows = (await query.execute()) as unknown[] & { columns?: { name: string; type: number }[] };
      answer = {
        columns: rows.columns?.map(({ name, type }) => `${name} ${type < FIRST_OWN_TYPE ? type : "own"}`),
        rows: rows.length,
      };
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) answer = { refusal: sqlStateOf(error) };
  }
  return answer;
}

/** Types defined by the schema have numbers from here on, different in each database. */
const FIRST_OWN_TYPE = 16_384;

function sqlStateOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("code" in at) return String(at.code);
  }
  return String(error);
}
