import { createHash } from "node:crypto";

import * as z from "zod";

import type { EmbeddedRunner } from "./runner";

const event = z.looseObject({
  name: z.string().min(1),
  id: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ts: z.number().optional(),
});
const sent = z.union([z.array(event), event.transform((one) => [one])]);

/**
 * A `fetch` for the Inngest client: events that it sends (POST /e/<key>) go to `accept`, in this process. Nothing
 * leaves the process, and any other request is answered 404.
 */
export function createRunnerFetch(accept: EmbeddedRunner["accept"]): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.method !== "POST" || !new URL(request.url).pathname.startsWith("/e/"))
      return answer(404, { error: `The embedded runner has no ${new URL(request.url).pathname}.` });
    const parsed = sent.safeParse(await request.json().catch(() => undefined));
    if (!parsed.success) return answer(400, { ids: [], error: z.prettifyError(parsed.error) });
    const seed = request.headers.get("x-inngest-event-id-seed");
    try {
      const events = parsed.data.map((one, i) => ({ ...one, id: one.id ?? idFrom(seed, i) }));
      return answer(200, await accept(events));
    } catch (error) {
      return answer(500, { ids: [], error: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** The SDK repeats a request that failed with the same seed: the ids are the same, so no event counts twice. */
function idFrom(seed: string | null, index: number): string | undefined {
  if (seed === null) return undefined;
  return createHash("sha256").update(`${seed} ${index}`).digest("hex").slice(0, 32);
}

function answer(status: number, body: object): Response {
  return Response.json({ status, ...body }, { status });
}
