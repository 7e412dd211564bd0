import { recordFingerprint } from "@domain/record-fingerprint";
import type { RecordIssue } from "@domain/snapshots";

import { AnswerTooLargeError } from "./errors";
import type { ListAnswer } from "./paginate";
import { recordName, recordId } from "./read-record";

/**
 * Fetches pages of `pageSize` records. If an answer is too large, requests it again with half as many records, until it
 * fits or a single record remains. That record is reported by its beginning and skipped.
 * @throws RmmError what `fetchPage` throws; `bad_response` if a single record does not show its id
 */
export function pageFetcher(
  pageSize: number,
  fetchPage: (limit: number, cursor: string | undefined) => Promise<ListAnswer>,
): (cursor: string | undefined) => Promise<ListAnswer> {
  let limit = pageSize;
  return async (cursor) => {
    for (;;) {
      try {
        return await fetchPage(limit, cursor);
      } catch (error) {
        if (!(error instanceof AnswerTooLargeError)) throw error;
        if (limit > 1) {
          limit = Math.floor(limit / 2);
          continue;
        }
        const record = firstRecord(error.head);
        if (recordId(record) === null) throw error;
        limit = pageSize;
        // The next request shows whether there is more. An empty page without more is a valid end.
        return { data: [record], hasMore: true, observedAt: error.observedAt, tooLarge: record };
      }
    }
  };
}

export const tooLargeToRead = (record: Record<string, unknown>): RecordIssue => ({
  severity: "record",
  externalId: recordId(record),
  name: recordName(record),
  field: null,
  reason: "too large to be read: shorten it in Level, its notes for example",
  fingerprint: recordFingerprint(record),
});

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/y;
const blanks = /\s*/y;
/** In `{"data":[{`, the fields of a record are at this depth. */
const RECORD_DEPTH = 3;

/** The plain fields of the first record of a list, as far as the beginning of its JSON shows them. */
function firstRecord(head: string): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  let depth = 0;
  let key: string | null = null;
  let last = "";
  for (let at = 0; at < head.length;) {
    blanks.lastIndex = at;
    blanks.exec(head);
    token.lastIndex = blanks.lastIndex;
    const [text] = token.exec(head) ?? [];
    if (text === undefined) break;
    at = token.lastIndex;
    if (text === "{" || text === "[") depth++;
    else if (text === "}" || text === "]") depth--;
    else if (depth === RECORD_DEPTH && text === ":") key = asText(last);
    else if (depth === RECORD_DEPTH && text === ",") key = null;
    else if (depth === RECORD_DEPTH && key !== null)
      record[key] = /^\d+$/.test(text) ? Number(text) : asText(text);
    if (depth < RECORD_DEPTH && key !== null) break;
    last = text;
  }
  return record;
}

const asText = (json: string): string | null => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
};
