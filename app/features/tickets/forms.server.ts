import * as z from "zod";

import { alertSeverities } from "@domain/alert-words";
import { ticketResolutions } from "@domain/tickets";
import { parseForm, problem, type FormProblem } from "~/platform/http/form.server";

import { emailConfig } from "./email-adapter";
import { httpConfig } from "./http-config";
import { presetOf } from "./presets";
import type { TicketSystemSettings } from "./systems.server";

const MAX_WAIT_MINUTES = 24 * 60;

const basics = z.object({
  label: z.string().trim().min(1, "Give it a name.").max(100),
  preset: z.string().max(40),
  address: z.string().trim().max(2_000),
  automaticFrom: z.enum(["", ...alertSeverities]),
  waitMinutes: z.coerce.number("Enter minutes.").int().min(0).max(MAX_WAIT_MINUTES),
  onResolve: z.enum(ticketResolutions),
  requests: z.string().max(100_000).default("{}"),
});

export type ReadSystem =
  | { ok: true; settings: TicketSystemSettings; secrets: Record<string, string> }
  | { ok: false; problem: FormProblem };

/** The settings and secrets in the form of a ticket system. */
export function readSystemForm(form: FormData): ReadSystem {
  const parsed = parseForm(basics, form);
  if (!parsed.ok) return parsed;
  const { label, preset, address, automaticFrom, waitMinutes, onResolve, requests } = parsed.data;
  const from = automaticFrom === "" ? null : automaticFrom;
  const common = { label, automaticFrom: from, waitMinutes, onResolve };
  if (preset === "email") {
    const config = emailConfig.safeParse({ preset, address });
    if (!config.success) return refuse(form, "address", "Enter an e-mail address.");
    return { ok: true, settings: { ...common, kind: "email", config: config.data }, secrets: {} };
  }
  const known = presetOf(preset);
  const read = readJson(requests);
  if (read === undefined) return refuse(form, "requests", "This is no JSON.");
  const fields = Object.fromEntries(
    known.fields.map(({ name }) => [name, String(form.get(`field:${name}`) ?? "").trim()]),
  );
  const missing = known.fields.find(({ name, isOptional }) => isOptional !== true && fields[name] === "");
  if (missing !== undefined) return refuse(form, `field:${missing.name}`, "Fill this in.");
  const config = httpConfig.safeParse({ ...read, preset, address, fields });
  if (!config.success) {
    const [issue] = config.error.issues;
    return refuse(form, "requests", `${issue!.path.join(".")}: ${issue!.message}`);
  }
  const secrets: Record<string, string> = {};
  for (const { name } of known.secrets) {
    const value = String(form.get(`secret:${name}`) ?? "").trim();
    if (value !== "") secrets[name] = value;
  }
  return { ok: true, settings: { ...common, kind: "http", config: config.data }, secrets };
}

const refuse = (form: FormData, field: string, text: string): ReadSystem => ({
  ok: false,
  problem: problem(form, { [field]: text }),
});

function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
