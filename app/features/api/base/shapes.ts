import * as z from "zod";

import { cleanSearch } from "~/platform/http/paging";

/** The schema of an instant of RFC 3339, in UTC. */
export const instantText = z.iso.datetime().meta({ example: "2026-03-01T08:30:00.000Z" });

/** An instant as the API writes it. */
export const toInstant = (at: Date): string => at.toISOString();

/** `true` and `false` as a query spells them. */
export const flag = z.enum(["true", "false"]).transform((word) => word === "true");

/** A search text in a query. */
export const searchWords = z.string().max(200).transform(cleanSearch).optional();

/** An instant as the API writes it; null stays null. */
export const toInstantOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

/** A record that another one belongs to: a client, a connection. */
export const named = z.object({ id: z.uuid(), name: z.string() });

/** An instant as the API writes it, from the text that raw SQL returns. */
export const rawInstant = (text: string): string => new Date(text).toISOString();

/** An instant as the API writes it, from the text that raw SQL returns; null stays null. */
export const rawInstantOrNull = (text: string | null): string | null =>
  text === null ? null : rawInstant(text);

/** The client of a row; null for none. */
export const clientOf = (row: { clientId: string | null; client: string | null }) =>
  row.clientId === null ? null : { id: row.clientId, name: row.client ?? "" };

/** A client's id in a filter. */
export const clientFilter = z
  .union([z.uuid(), z.literal("none")])
  .optional()
  .meta({ description: "Of this client; `none`: without one." });
