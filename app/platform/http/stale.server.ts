import * as z from "zod";

import type { Stale } from "@domain/shown-version";

/** The version of the values that a form was filled with; see `shownVersion`. */
export const versionField = z.string().max(1_000).optional();

const MAX_SHOWN = 200;

/**
 * The message to a person whose form was overtaken: "Bo changed the notes meanwhile. It is now “…”." and what to do.
 */
export function staleText(
  { by, fields }: Pick<Stale, "by" | "fields">,
  words: Record<string, string>,
  now?: string,
): string {
  const what = fields.map((field) => words[field] ?? field).join(" and ");
  const value = now === undefined ? "" : ` It is now ${now === "" ? "empty" : quoted(now)}.`;
  return `${by ?? "Somebody else"} changed the ${what} meanwhile.${value} Nothing of yours was saved: look at what is stored, then save again.`;
}

const quoted = (text: string) => `“${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}”`;
