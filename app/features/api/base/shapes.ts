import * as z from "zod";

import { cleanSearch } from "~/platform/http/paging";

/** An instantText of RFC 3339, in UTC. */
export const instantText = z.iso.datetime().meta({ example: "2026-03-01T08:30:00.000Z" });

/** An instantText as the API writes it. */
export const toInstant = (at: Date): string => at.toISOString();

/** `true` and `false` as an address spells them. */
export const flag = z.enum(["true", "false"]).transform((word) => word === "true");

/** A search text of an address. */
export const searchWords = z.string().max(200).transform(cleanSearch).optional();

/** An instant as the API writes it, where there may be none. */
export const toInstantOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Something that a record belongs to: a client, a connection. */
export const named = z.object({ id: z.uuid(), name: z.string() });
