/**
 * Aligns items to a pattern whose stars stand for any number of items, or none. Takes at most the product of both
 * lengths, whatever is typed, because it builds no expression from it.
 * @returns for each part of the pattern that is no star, the item it matched; null if the items do not match
 */
export function alignToPattern<Part, Item>(
  pattern: ArrayLike<Part>,
  items: ArrayLike<Item>,
  isStar: (part: Part) => boolean,
  fits: (part: Part, item: Item) => boolean,
): number[] | null {
  const taken: number[] = [];
  let [at, from] = [0, 0];
  let [star, retry] = [-1, 0];
  while (at < items.length) {
    if (from < pattern.length && isStar(pattern[from]!)) {
      star = from++;
      retry = at;
    } else if (from < pattern.length && fits(pattern[from]!, items[at]!)) {
      taken[from++] = at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else return null;
  }
  while (from < pattern.length && isStar(pattern[from]!)) from++;
  return from === pattern.length ? taken : null;
}

/** Whether a text matches a pattern: `*` stands for any text, `?` for one character. */
export const matchesWildcards = (pattern: string, text: string): boolean =>
  alignToPattern(
    pattern,
    text,
    (part) => part === "*",
    (part, letter) => part === "?" || part === letter,
  ) !== null;
