import { jsonrepair } from "jsonrepair";

import { automationBodySchema } from "./webhook";

export type AutomationBodyRead =
  | {
      state: "read";
      fields: unknown;
      /** The body was not valid JSON and was repaired. */
      isRepaired: boolean;
    }
  | { state: "unreadable" };

/**
 * The most characters of a body that is repaired: the library's time grows with the square of the length, and is 50 ms
 * at worst for this length.
 */
const MAX_REPAIRED = 8 * 1024;

/**
 * Reads the body of an automation leniently, JSON or form fields: Level inserts its variables unescaped, so a quote,
 * line break or backslash in an alert breaks the JSON. Only for a sender with a valid secret, never for a signed body.
 */
export function readAutomationBody(text: string): AutomationBodyRead {
  const whole = parsed(text);
  if (whole !== undefined) return { state: "read", fields: whole, isRepaired: false };
  const form = formFields(text);
  if (form !== null) return { state: "read", fields: form, isRepaired: false };
  const repaired =
    parsed(escapeTexts(text, anyMember)) ??
    parsed(escapeTexts(text, knownMember)) ??
    parsed(repair(escapeTexts(text, knownMember)));
  return typeof repaired === "object" && repaired !== null
    ? { state: "read", fields: repaired, isRepaired: true }
    : { state: "unreadable" };
}

/** Undefined for what is not JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function repair(text: string): string {
  if (text.length > MAX_REPAIRED) return "";
  try {
    return jsonrepair(text);
  } catch {
    return "";
  }
}

const names = Object.keys(automationBodySchema.shape).join("|");
const formStart = new RegExp(`^\\s*(?:${names})=`);
const formSeparator = /&(?=[\w.-]{1,80}=)/;

/** The fields of a form; null if the text is not a form. An `&` that begins no field belongs to an unencoded text. */
function formFields(text: string): Record<string, string> | null {
  if (!formStart.test(text)) return null;
  const fields = text
    .trim()
    .split(formSeparator)
    .flatMap((field) => [...new URLSearchParams(field.replaceAll("&", "%26"))]);
  return Object.fromEntries(fields);
}

const anyMember = /"[\w.-]{1,80}"\s*:\s*("?)/g;
const knownMember = new RegExp(`"(?:${names})"\\s*:\\s*("?)`, "g");

/**
 * The JSON with every text escaped that breaks it. A text ends with the quote before the next of the `members`, or
 * before the end of the body.
 */
function escapeTexts(text: string, members: RegExp): string {
  let escaped = "";
  let at = 0;
  /** The position where the text of the last member begins; null if its value is not a text. */
  let from: number | null = null;
  const close = (end: number | null) => {
    if (from === null || end === null) return;
    escaped += text.slice(at, from) + asJsonText(text.slice(from, end));
    at = end;
  };
  for (const { 0: head, 1: quote, index } of text.matchAll(members)) {
    const end = from === null ? null : closingQuote(text, from, index, ",");
    // The match looks like a member but is part of a text.
    if (from !== null && end === null) continue;
    close(end);
    from = quote === "" ? null : index + head.length;
  }
  if (from !== null) close(closingQuote(text, from, text.length, "}"));
  return escaped + text.slice(at);
}

/**
 * The position of the quote that is followed by `mark` and then only by white space up to `end`; null if there is none.
 */
function closingQuote(text: string, from: number, end: number, mark: string): number | null {
  const beforeMark = lastBefore(text, end, mark);
  const quote = beforeMark === null ? null : lastBefore(text, beforeMark, '"');
  return quote === null || quote < from ? null : quote;
}

/** The position of a character with only white space between it and `end`. */
function lastBefore(text: string, end: number, character: string): number | null {
  let at = end - 1;
  while (at >= 0 && " \t\r\n".includes(text[at]!)) at--;
  return text[at] === character ? at : null;
}

/** Keeps a text that is valid within JSON; escapes any other, because Level inserted it unescaped. */
const asJsonText = (text: string): string =>
  parsed(`"${text}"`) === undefined ? JSON.stringify(text).slice(1, -1) : text;
