import { useCallback, useState } from "react";

import { levelPath } from "~/features/connections/paths";

import type { EditsPreview } from "./preview-edits.server";

const ROUTE = "routes/_app.settings.integrations.levelio.$connectionId.mapping";

export type Answer =
  | { state: "previewed"; preview: EditsPreview }
  | { state: "saved"; to: string }
  /** The changes cannot be saved as they are. */
  | { state: "refused"; errors: Partial<Record<string, string>> }
  /** The changes were not processed: no connection, signed out, an outdated page, or too large. */
  | { state: "no_answer"; text: string; mend?: "sign-in" | "reload" };

const NO_CONNECTION = "The server could not be reached.";
const SIGNED_OUT = "You are signed out by now.";
const NOT_UNDERSTOOD = "The server could not take them.";

/**
 * Sends changes of the mapping by `fetch`, because a failed Remix request would replace the page and lose all unsaved
 * changes.
 */
async function sendMapping(url: string, fields: Record<string, string>): Promise<Answer> {
  try {
    const response = await fetch(`${url}?_data=${encodeURIComponent(ROUTE)}`, {
      method: "POST",
      body: new URLSearchParams(fields),
    });
    const to = response.headers.get("X-Remix-Redirect");
    if (to?.startsWith("/sign-in")) return { state: "no_answer", text: SIGNED_OUT, mend: "sign-in" };
    if (to !== null) return { state: "saved", to };
    // The body of a route's error is a sentence for the person.
    if (response.headers.has("X-Remix-Catch"))
      return { state: "no_answer", text: await response.text(), mend: "reload" };
    if (!response.headers.has("X-Remix-Response"))
      return { state: "no_answer", text: response.status >= 500 ? NO_CONNECTION : NOT_UNDERSTOOD };
    const data = (await response.json()) as
      { preview: EditsPreview } | { errors: Partial<Record<string, string>> };
    return "preview" in data ? { state: "previewed", ...data } : { state: "refused", errors: data.errors };
  } catch {
    return { state: "no_answer", text: NO_CONNECTION };
  }
}

/** Sends one kind of request of the mapping page, and keeps its last answer. */
export function useSend(connectionId: string) {
  const [answer, setAnswer] = useState<Answer>();
  const [isSending, setSending] = useState(false);
  const url = levelPath(connectionId, "mapping");
  const send = useCallback(
    async (fields: Record<string, string>): Promise<Answer> => {
      setSending(true);
      const latest = await sendMapping(url, fields);
      setAnswer(latest);
      setSending(false);
      return latest;
    },
    [url],
  );
  return { answer, isSending, send };
}
