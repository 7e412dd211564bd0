const isoInstant =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s?(Z|[+-]\d{2}:?\d{2})?)?$/i;

const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(2200, 0, 1);

/**
 * An ISO 8601 date or date-time of any offset; UTC when none is given. Null for anything else, and for years
 * no machine reports (before 1970, after 2199): `Date.parse` alone would take "1" for a year and read
 * offset-less text in the zone of this machine.
 */
export function parseInstant(text: string): Date | null {
  const match = isoInstant.exec(text.trim());
  if (!match) return null;
  const [, day, time = "00:00", offset = "Z"] = match;
  const instant = new Date(`${day}T${time}${offset.toUpperCase()}`);
  const ms = instant.getTime();
  return ms >= earliest && ms < latest ? instant : null;
}

/**
 * Like `parseInstant`, and also seconds or milliseconds since the epoch, and "UTC" in place of an offset, for times in
 * an undocumented form.
 */
export function parseLooseInstant(text: string): Date | null {
  const [, number] = /^\s*(\d{9,13}(?:\.\d+)?)\s*$/.exec(text) ?? [];
  if (number === undefined) return parseInstant(withoutUtc(text));
  const ms = Number(number) < FIRST_MILLISECONDS ? Number(number) * 1000 : Number(number);
  return new Date(Math.round(ms));
}

/** In seconds this is the year 5138, in milliseconds 1973. */
const FIRST_MILLISECONDS = 100_000_000_000;

/** "UTC" at the end as "Z", in time linear in the text's length. */
function withoutUtc(text: string): string {
  const trimmed = text.trim();
  return /UTC$/i.test(trimmed) ? `${trimmed.slice(0, -3).trimEnd()}Z` : trimmed;
}
