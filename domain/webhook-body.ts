import { capText, storableText } from "./text";

/** Longest stored body, in UTF-16 units. An event of Level has about a thousand. */
export const MAX_KEPT_BODY = 64 * 1024;

const REMOVED = "[removed]";
const secretName = /secret|passw(or)?d|token|api[-_]?key|authorization|credential/i;

export interface KeptBody {
  text: string;
  /** Too long to be stored whole, so it cannot be replayed. */
  isCut: boolean;
}

/**
 * The body of a delivery as it may be stored: without the given secrets, without the values of members named like one,
 * and cut to the limit.
 */
export function keptBody(body: Uint8Array, secrets: readonly string[]): KeptBody {
  let text = withoutNamedSecrets(new TextDecoder().decode(body));
  for (const secret of secrets) if (secret !== "") text = text.replaceAll(secret, REMOVED);
  text = storableText(text);
  return { text: capText(text, MAX_KEPT_BODY), isCut: text.length > MAX_KEPT_BODY };
}

function withoutNamedSecrets(text: string): string {
  // Almost every body is stored unchanged.
  if (!secretName.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) =>
      secretName.test(name) ? REMOVED : value,
    );
  } catch {
    // Not JSON, or nested too deep to be written again.
    return withoutNamedText(withoutNamedFields(text));
  }
}

/** A field of a form: from the beginning or a `&` to the next. */
const field = /(^|&)([^=&"{}]{1,200})=[^&"]*/g;

const withoutNamedFields = (text: string): string =>
  text.replace(field, (whole, start: string, name: string) =>
    secretName.test(name) ? `${start}${name}=${REMOVED}` : whole,
  );

/**
 * A quoted name and what follows its colon: a text, whether or not it ends; the beginning of a list or an object; or
 * another word. Names are bounded, so that a body of nothing but quotes is read in one go.
 */
const member = /("(?:[^"\\]|\\[^]){0,200}"\s*:\s*)("(?:[^"\\]|\\[^])*"?|[[{]|[^\s,}\]]+)/g;

function withoutNamedText(text: string): string {
  let kept = "";
  let at = 0;
  for (const { 0: whole, 1: name, 2: value, index } of text.matchAll(member)) {
    if (!secretName.test(name!)) continue;
    kept += `${text.slice(at, index)}${name}"${REMOVED}"`;
    at = index + whole.length;
    // The end of a list or object cannot be found, so everything after its beginning is removed too.
    if (value === "[" || value === "{") return kept;
  }
  return kept + text.slice(at);
}
