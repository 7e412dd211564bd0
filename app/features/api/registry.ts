import type { Operation } from "./base/operation";
import { alertOperations } from "./operations/alerts";
import { assetEditOperations } from "./operations/asset-edits";
import { assetOperations } from "./operations/assets";
import { auditOperations } from "./operations/audit";
import { clientPartOperations } from "./operations/client-parts";
import { clientOperations } from "./operations/clients";
import { connectionOperations } from "./operations/connections";
import { countOperations } from "./operations/counts";
import { coverageOperations } from "./operations/coverage";
import { customFieldOperations } from "./operations/custom-fields";
import { eventSubscriptionOperations } from "./operations/event-subscriptions";
import { freshnessOperations } from "./operations/freshness";
import { incidentOperations } from "./operations/incidents";
import { maintenanceWindowOperations } from "./operations/maintenance-windows";
import { mappingOperations } from "./operations/mappings";
import { matchingRulesOperations } from "./operations/matching-rules";
import { newDeviceOperations } from "./operations/new-devices";
import { reviewOperations } from "./operations/reviews";
import { runResultOperations } from "./operations/run-results";
import { ruleOperations } from "./operations/rules";
import { runOperations } from "./operations/runs";
import { tokenOperations } from "./operations/token";
import { updateOperations } from "./operations/updates";

/** Every operation of the API. Requests, document and tests use this list. */
export const operations: readonly Operation[] = [
  ...tokenOperations,
  ...clientOperations,
  ...clientPartOperations,
  ...assetOperations,
  ...assetEditOperations,
  ...customFieldOperations,
  ...updateOperations,
  ...connectionOperations,
  ...mappingOperations,
  ...matchingRulesOperations,
  ...freshnessOperations,
  ...runOperations,
  ...runResultOperations,
  ...reviewOperations,
  ...newDeviceOperations,
  ...alertOperations,
  ...incidentOperations,
  ...maintenanceWindowOperations,
  ...ruleOperations,
  ...coverageOperations,
  ...countOperations,
  ...eventSubscriptionOperations,
  ...auditOperations,
];

export type OperationMatch =
  | { state: "found"; operation: Operation; params: Record<string, string> }
  | { state: "unknown_path" }
  | { state: "wrong_method"; allowed: string[] };

const matchers = operations.map((operation) => ({ operation, pattern: operation.path.split("/") }));

/**
 * The operation that a request addresses.
 * @param path below /api/v1, its segments not yet decoded
 */
export function matchOperation(method: string, path: string): OperationMatch {
  const segments = path.replace(/\/$/, "").split("/");
  const fitting = matchers.flatMap(({ operation, pattern }) => {
    const params = paramsOf(pattern, segments);
    return params === null ? [] : [{ operation, params }];
  });
  if (fitting.length === 0) return { state: "unknown_path" };
  const wanted = method === "HEAD" ? "GET" : method;
  const match = fitting.find(({ operation }) => operation.method === wanted);
  if (match !== undefined) return { state: "found", ...match };
  return { state: "wrong_method", allowed: fitting.map(({ operation }) => operation.method) };
}

/** The values of a pattern's `{names}` in an address; null if the address does not match. */
function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at]!;
    if (part.startsWith("{") && segment !== "") params[part.slice(1, -1)] = decode(segment);
    else if (part !== segment) return null;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
