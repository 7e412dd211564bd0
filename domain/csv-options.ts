/** How a list is written as CSV. */
export interface CsvOptions {
  /** Whether the file begins with the byte order mark of UTF-8. */
  bom: boolean;
}

/** The words of the parameter `bom`. */
export const bomWords = ["1", "0", "true", "false"] as const;

/** Whether a file gets the byte order mark by which spreadsheets recognize UTF-8; undefined for an unknown word. */
export const bomOf = (word: string): boolean | undefined =>
  bomWords.some((known) => known === word) ? word === "1" || word === "true" : undefined;
