import * as z from "zod";

import type { ClientPartKind, ClientPartValues } from "@domain/client-parts";
import { MAX_CLIENT_PARTS } from "@domain/client-parts";
import { count } from "@domain/format";
import { idParam, notFound, type Context, type Intent } from "~/auth/guard.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText, versionField } from "~/platform/http/stale.server";

import { addClientPart, changeClientPart, clientPartSchemas, removeClientPart } from "./client-parts.server";

const UNKNOWN_CLIENT = "This client does not exist or was removed.";

const partId = z.object({ id: z.uuid(), version: versionField });

const nameTaken = (kind: ClientPartKind) => `This client has a ${kind} of this name already.`;
const gone = (kind: ClientPartKind) => `This ${kind} does not exist any more.`;

const fieldWords = { name: "name", address: "address", email: "e-mail address", phone: "phone number" };

async function add(context: Context, kind: ClientPartKind) {
  const clientId = idParam(context.params, "clientId");
  const parsed = parseForm(clientPartSchemas[kind], context.form);
  if (!parsed.ok) return refused(parsed.problem);
  const outcome = await addClientPart(context, kind, clientId, parsed.data);
  switch (outcome.state) {
    case "unknown_client":
      throw notFound(UNKNOWN_CLIENT);
    case "name_taken":
      return refused(problem(context.form, { name: nameTaken(kind) }));
    case "too_many":
      return refused(problem(context.form, { name: `A client has at most ${MAX_CLIENT_PARTS} ${kind}s.` }));
    case "added":
      return done(`/clients/${clientId}`, `${parsed.data.name} is added.`);
  }
}

async function change(context: Context, kind: ClientPartKind) {
  const clientId = idParam(context.params, "clientId");
  const parsed = parseForm(clientPartSchemas[kind], context.form);
  if (!parsed.ok) return refused(parsed.problem);
  const named = parseForm(partId, context.form);
  if (!named.ok) throw notFound(gone(kind));
  const set = parsed.data as ClientPartValues[ClientPartKind];
  const { id, version } = named.data;
  const outcome = await changeClientPart(context, kind, id, () => set, { version, clientId });
  if (outcome === "unknown") throw notFound(gone(kind));
  if (outcome === "name_taken") return refused(problem(context.form, { name: nameTaken(kind) }));
  if (outcome !== "changed")
    return refused(problem(context.form, { part: staleText(outcome, fieldWords) }), 409);
  return done(`/clients/${clientId}`, "Saved.");
}

async function remove(context: Context, kind: ClientPartKind) {
  const clientId = idParam(context.params, "clientId");
  const named = parseForm(partId, context.form);
  if (!named.ok) throw notFound(gone(kind));
  const outcome = await removeClientPart(context, kind, named.data.id, { clientId });
  if (outcome.state !== "removed") throw notFound(gone(kind));
  const { name, assets } = outcome;
  const freed = assets > 0 ? ` ${count(assets, "asset")} had it.` : "";
  return done(`/clients/${clientId}`, `${name} is removed.${freed}`);
}

const permission = "clients:write";

/** The actions on sites and contacts on a client's page. */
export const clientPartIntents = {
  "add-site": { permission, run: (context) => add(context, "site") },
  "change-site": { permission, run: (context) => change(context, "site") },
  "remove-site": { permission, run: (context) => remove(context, "site") },
  "add-contact": { permission, run: (context) => add(context, "contact") },
  "change-contact": { permission, run: (context) => change(context, "contact") },
  "remove-contact": { permission, run: (context) => remove(context, "contact") },
} as const satisfies Record<string, Intent<unknown>>;
