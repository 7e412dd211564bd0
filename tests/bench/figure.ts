/** One figure: a ratio of two measurements of the same run, and its goal. */
export interface Figure {
  id: string;
  what: string;
  value: number;
  goal: string;
  isMet: boolean;
  detail: Record<string, number>;
}

/** Compares a value with its goal. */
export const figure = (
  id: string,
  what: string,
  value: number,
  goal: { atMost: number } | { atLeast: number },
  detail: Record<string, number>,
): Figure => ({
  id,
  what,
  value: Number(value.toFixed(3)),
  ...("atMost" in goal
    ? { goal: `≤ ${goal.atMost}`, isMet: value <= goal.atMost }
    : { goal: `≥ ${goal.atLeast}`, isMet: value >= goal.atLeast }),
  detail: Object.fromEntries(Object.entries(detail).map(([name, n]) => [name, Math.round(n)])),
});
