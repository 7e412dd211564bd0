/** How a list is written as CSV. */
export interface CsvOptions {
  /** Begins the file with the mark of UTF-8. */
  bom: boolean;
}

/** The words of the parameter `bom`. */
export const bomWords = ["1", "0", "true", "false"] as const;

/** Whether a file gets the mark by which spreadsheets know UTF-8; undefined for a word that is none of ours. */
export const bomOf = (word: string): boolean | undefined =>
  bomWords.some((known) => known === word) ? word === "1" || word === "true" : undefined;
