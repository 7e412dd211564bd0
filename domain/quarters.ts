/** Quarters of a year in UTC, as reviews use them: "2026-Q4". */

export interface Quarter {
  name: string;
  from: Date;
  /** The first instant after the quarter. */
  to: Date;
}

const quarterOf = (year: number, index: number): Quarter => {
  const from = new Date(Date.UTC(year, index * 3, 1));
  const to = new Date(Date.UTC(year, index * 3 + 3, 1));
  return { name: `${from.getUTCFullYear()}-Q${Math.floor(from.getUTCMonth() / 3) + 1}`, from, to };
};

/** The quarter of an instant and earlier ones, latest first. */
export const latestQuarters = (now: Date, count: number): Quarter[] =>
  Array.from({ length: count }, (_, back) =>
    quarterOf(now.getUTCFullYear(), Math.floor(now.getUTCMonth() / 3) - back),
  );

/** Undefined if the text is not the name of a quarter. */
export function parseQuarter(name: string | null): Quarter | undefined {
  const match = /^(20\d\d)-Q([1-4])$/.exec(name ?? "");
  return match === null ? undefined : quarterOf(Number(match[1]), Number(match[2]) - 1);
}
