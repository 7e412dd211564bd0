import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { deserialize, serialize } from "node:v8";

import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";

/** A statement as a test sent it to the database; one for all that differ only in numbers of rows and values. */
export interface RecordedStatement {
  text: string;
  params: unknown[];
  prepared: boolean;
}

interface Session {
  prepareQuery(query: { sql: string; params: unknown[] }, fields: unknown, name?: string): unknown;
}

const recording = globalThis as typeof globalThis & { __plumblineRecording?: Set<string> };

/** Appends each new shape of statement that this process sends to a file in the folder. */
export function recordStatements(folder: string): void {
  if (recording.__plumblineRecording !== undefined) return;
  const known = (recording.__plumblineRecording = new Set());
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${process.pid}.txt`);
  const session = sessionPrototype();
  const prepareQuery = session.prepareQuery;
  session.prepareQuery = function (this: Session, ...args: Parameters<Session["prepareQuery"]>) {
    const [{ sql: text, params }, , name] = args;
    const shape = shapeOf(text);
    if (isQuery(text) && !known.has(shape)) {
      known.add(shape);
      const statement: RecordedStatement = { text, params, prepared: name !== undefined };
      appendFileSync(file, `${serialize(statement).toString("base64")}\n`);
    }
    return prepareQuery.apply(this, args);
  };
}

/** One statement of each shape that the processes of this run recorded. */
export function recordedStatements(folder: string): RecordedStatement[] {
  const byShape = new Map<string, RecordedStatement>();
  for (const file of readdirSync(folder)) {
    for (const line of readFileSync(path.join(folder, file), "utf8").split("\n")) {
      if (line === "") continue;
      const statement = deserialize(Buffer.from(line, "base64")) as RecordedStatement;
      byShape.set(shapeOf(statement.text), statement);
    }
  }
  return [...byShape.values()];
}

/** The driver's own class, which transactions use as well. This opens no connection. */
function sessionPrototype(): Session {
  const { session } = drizzle(postgres({ max: 1 }))._;
  return Object.getPrototypeOf(session) as Session;
}

/** Only the tests empty a database, change the schema or write the catalogue. */
const isQuery = (text: string): boolean =>
  /^\s*(select|insert|update|delete|with|values)\b/i.test(text) &&
  !/^\s*(update|delete from) pg_/i.test(text);

/** The text without parts that grow with the data: parameter numbers, repeated rows and list members. */
const shapeOf = (text: string): string =>
  text
    .replace(/\$\d+/g, "$")
    .replace(/\s+/g, " ")
    .replace(/(\((?:[^()]|\([^()]*\))*\))(?:, ?\1)+/g, "$1, …")
    .replace(/(\$(?:::\w+(?:\[\])?)?)(?:, ?\1)+/g, "$1, …");
