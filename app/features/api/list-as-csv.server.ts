import { endWith } from "@db/page-statements";
import { csvDownload } from "~/platform/http/csv.server";

import { CSV_PAGE, csvColumns, hasPages } from "./base/csv";
import type { ApiContext, Operation } from "./base/operation";

type Input = Parameters<Operation["run"]>[1];

interface Page {
  data: Record<string, unknown>[];
  next: string | null;
}

/**
 * A list as CSV, sent page by page while it is read. The first page is read before the answer begins, so that a refusal
 * can still be sent.
 * @param has whether the caller asked for a field
 * @param inputAt the operation's input, with these parameters of the page
 */
export async function listAsCsv(
  operation: Operation,
  caller: ApiContext,
  {
    bom,
    has,
    signal,
    inputAt,
  }: {
    bom: boolean;
    has: (field: string) => boolean;
    signal: AbortSignal;
    inputAt: (page: Record<string, string>) => Input;
  },
): Promise<Response> {
  const { query, success } = operation;
  const columns = csvColumns(success.schema, has);
  const limit: Record<string, string> = hasPages(query) ? { limit: String(CSV_PAGE) } : {};
  const read = async (place: Record<string, string>): Promise<Page> => {
    const run = () => operation.run(caller, inputAt({ ...limit, ...place }));
    const reply = await endWith(signal, run, caller.user.id);
    return success.schema.parse(reply.body) as Page;
  };
  let page: Page | undefined = await read({});
  const names = columns.map(({ name }) => name);
  const response = csvDownload({ bom }, `${operation.id}.csv`, names, async () => {
    const sent = page;
    if (sent === undefined) return [];
    page = sent.next === null ? undefined : await read({ cursor: sent.next });
    return sent.data.map((row) => columns.map(({ of }) => of(row)));
  });
  response.headers.set("Cache-Control", "no-store");
  return response;
}
