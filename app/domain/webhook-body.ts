import { capText, storableText } from "./text";

/** Longest body kept, in UTF-16 units. An event of Level has about a thousand. */
export const MAX_KEPT_BODY = 64 * 1024;

const REMOVED = "[removed]";
const secretName = /secret|passw(or)?d|token|api[-_]?key|authorization|credential/i;

export interface KeptBody {
  text: string;
  /** It was too long to be kept whole, and cannot be replayed. */
  isCut: boolean;
}

/**
 * The body of a delivery as it may be kept: without the given secrets, without the values of members named like one,
 * and bounded.
 */
export function keptBody(body: Uint8Array, secrets: readonly string[]): KeptBody {
  let text = withoutNamedSecrets(new TextDecoder().decode(body));
  for (const secret of secrets) if (secret !== "") text = text.replaceAll(secret, REMOVED);
  text = storableText(text);
  return { text: capText(text, MAX_KEPT_BODY), isCut: text.length > MAX_KEPT_BODY };
}

function withoutNamedSecrets(text: string): string {
  // Almost every body is kept as it came.
  if (!secretName.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) =>
      secretName.test(name) ? REMOVED : value,
    );
  } catch {
    // No JSON, or nested too deep to be written again: there are no members to speak of.
    return text;
  }
}
