import * as z from "zod";

import { HttpError } from "./http-error";

const bodySchema = z.looseObject({ device_ids: z.array(z.string()).default([]) });

/** The triggers of an account's automations, and the devices that they have been started on. */
export class Automations {
  readonly triggers = new Map<string, { requiresAuthorization: boolean }>();
  readonly starts: { token: string; deviceIds: string[] }[] = [];

  add(token: string, { requiresAuthorization = false }: { requiresAuthorization?: boolean } = {}): void {
    this.triggers.set(token, { requiresAuthorization });
  }

  /** @throws HttpError 422 for a body that Level would refuse */
  start(token: string, body: string): void {
    const parsed = bodySchema.safeParse(jsonOf(body));
    if (!parsed.success) throw new HttpError(422, "device_ids is not a list");
    this.starts.push({ token, deviceIds: parsed.data.device_ids });
  }

  clear(): void {
    this.triggers.clear();
    this.starts.length = 0;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
