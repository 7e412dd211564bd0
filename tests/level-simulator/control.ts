import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { Account } from "./account";
import { makeCurrent, passDays } from "./everyday";
import { faultRuleSchema, type Faults } from "./faults";
import type { Stats } from "./stats";

export const CONTROL_PREFIX = "/_control/";
const MAX_BODY_BYTES = 1_000_000;

export interface ControlOptions {
  account: Account;
  seed: number;
  faults: Faults;
  stats: Stats;
  setLatency(ms: number): void;
  reset(): void;
}

/** Account methods another process may call by name. */
const OPERATIONS = [
  "addDevice",
  "removeDevice",
  "moveDevice",
  "renameDevice",
  "setOnline",
  "patchDevice",
  "replaceDevice",
  "requeueDevice",
  "addGroup",
  "moveGroup",
  "renameGroup",
  "removeGroup",
  "patchGroup",
  "addUpdate",
  "installUpdate",
  "removeUpdate",
  "patchUpdate",
  "openAlert",
  "resolveAlert",
  "removeAlert",
  "patchAlert",
  "addCustomField",
  "patchCustomField",
  "removeCustomField",
  "setCustomFieldValue",
  "advance",
] as const satisfies readonly (keyof Account)[];

const mutationSchema = z.strictObject({ op: z.enum(OPERATIONS), args: z.array(z.unknown()).default([]) });
const daysSchema = z.strictObject({ days: z.number().int().min(0).max(366) });
const latencySchema = z.strictObject({ ms: z.number().nonnegative() });

/**
 * The HTTP controls for processes other than the one that started the simulator. A bad request gets a 400 with the
 * reason.
 */
export function createControl(options: ControlOptions) {
  const { account, faults, stats } = options;

  const actions: Record<string, (body: unknown) => unknown> = {
    "GET stats": () => stats,
    "GET account": () => counts(account),
    "POST faults": (body) => {
      faults.add(faultRuleSchema.parse(body));
      return {};
    },
    "DELETE faults": () => {
      faults.clear();
      return {};
    },
    "POST latency": (body) => {
      options.setLatency(latencySchema.parse(body).ms);
      return {};
    },
    "POST mutate": (body) => {
      const { op, args } = mutationSchema.parse(body);
      const run = account[op] as (...values: unknown[]) => unknown;
      return { result: run.apply(account, args) ?? null };
    },
    "POST days": (body) => {
      passDays(account, options.seed, daysSchema.parse(body).days);
      return {};
    },
    "POST current": (body) => {
      makeCurrent(account, options.seed, daysSchema.parse(body).days);
      return {};
    },
    "POST reset": () => {
      options.reset();
      return {};
    },
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").slice(CONTROL_PREFIX.length);
    const action = actions[`${request.method} ${path}`];
    try {
      const text = await readBody(request);
      if (!action) return write(response, 404, { error: `no control ${request.method} ${path}` });
      write(response, 200, action(text === "" ? undefined : JSON.parse(text)));
    } catch (error) {
      write(response, 400, { error: messageOf(error) });
    }
  };
}

function counts(account: Account) {
  let online = 0;
  let available = 0;
  let active = 0;
  for (const device of account.devices) if (device.online) online += 1;
  for (const keys of account.updates.keys()) if (keys.available) available += 1;
  for (const keys of account.alerts.keys()) if (!keys.resolved) active += 1;
  return {
    groups: account.groups.size,
    topLevelGroups: account.groups.countWithin(null),
    devices: account.devices.size,
    devicesOnline: online,
    devicesUngrouped: account.devices.countWithin(null),
    updates: account.updates.size,
    updatesAvailable: available,
    alerts: account.alerts.size,
    alertsActive: active,
  };
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`the body is over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function write(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
