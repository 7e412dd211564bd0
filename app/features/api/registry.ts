import type { Operation } from "./base/operation";
import { alertOperations } from "./operations/alerts";
import { assetOperations } from "./operations/assets";
import { auditOperations } from "./operations/audit";
import { clientOperations } from "./operations/clients";
import { connectionOperations } from "./operations/connections";
import { reviewOperations } from "./operations/reviews";
import { runOperations } from "./operations/runs";
import { tokenOperations } from "./operations/token";

/** Every operation of the API: what is answered, described and tested is this list. */
export const operations: readonly Operation[] = [
  ...tokenOperations,
  ...clientOperations,
  ...assetOperations,
  ...connectionOperations,
  ...runOperations,
  ...reviewOperations,
  ...alertOperations,
  ...auditOperations,
];

export type OperationMatch =
  | { state: "found"; operation: Operation; params: Record<string, string> }
  | { state: "unknown_path" }
  | { state: "wrong_method"; allowed: string[] };

const matchers = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));

/** The operation that a request means. @param path below /api/v1, its segments decoded when they are taken */
export function matchOperation(method: string, path: string): OperationMatch {
  const fitting = matchers.flatMap(({ operation, pattern }) => {
    const found = pattern.exec(path);
    return found === null ? [] : [{ operation, params: decoded(found.groups ?? {}) }];
  });
  if (fitting.length === 0) return { state: "unknown_path" };
  const wanted = method === "HEAD" ? "GET" : method;
  const match = fitting.find(({ operation }) => operation.method === wanted);
  if (match !== undefined) return { state: "found", ...match };
  return { state: "wrong_method", allowed: fitting.map(({ operation }) => operation.method) };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}/?$`);
}

function decoded(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decode(text)]));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
