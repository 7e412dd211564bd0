/**
 * Text as Postgres can hold it. A NUL byte or a lone surrogate anywhere in a page would make the whole
 * statement fail, so both are taken out of every text that comes from outside.
 */

/** Longest text kept, in UTF-16 units. An index entry of Postgres ends near 2,700 bytes; ids stay far below. */
export const textLimits = { id: 512, name: 256, line: 512, note: 4_000, payload: 20_000 } as const;

/** Also matches paired surrogates: without the `u` flag it costs a tenth, and such text is rare. */
const suspicious = /[\0\ud800-\udfff]/;

/** NULs dropped, lone surrogates replaced by U+FFFD. */
export function storableText(value: string): string {
  return suspicious.test(value) ? value.replace(/\0/g, "").replace(/\p{Surrogate}/gu, "\uFFFD") : value;
}

/** A text in the form in which two are compared: one Unicode form and one case. */
export const foldText = (text: string): string => text.normalize("NFC").toLowerCase();

/** Storable, on one line, with single blanks: the stored form of names from any source. */
export const onOneLine = (value: string): string =>
  storableText(value)
    .replace(/[\u0000-\u001f\u007f\s]+/g, " ")
    .trim();

/** Storable, trimmed and capped; null when nothing is left. */
export function cleanText(
  value: string | null | undefined,
  maxLength: number = textLimits.line,
): string | null {
  if (value === null || value === undefined) return null;
  const text = storableText(value).trim();
  return text === "" ? null : capText(text, maxLength);
}

/** Never cuts a character in two. */
export function capText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength);
}

/** An id is compared exactly and never altered: one that cannot be stored as it is, is not usable. */
export const isUsableId = (id: string): boolean =>
  id.length <= textLimits.id && id.trim() !== "" && storableText(id) === id;

/** A text of at most this many characters; an ellipsis stands for what was cut. */
export const cutText = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
