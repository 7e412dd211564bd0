import type { ConnectionHealth, NotificationKind } from "./connection-health";
import { PAUSE_AFTER_FAILURES, type ScheduledKind } from "./schedule-limits";
import { capText, storableText } from "./text";

/** The e-mails about connections: their content, as plain text and as HTML. */

/** The content of a notification, besides its kind. */
export interface Occasion {
  /** The name that people gave the connection. */
  label: string;
  /** The kind of RMM, as pages show it. */
  provider: string;
  /** When the state began. */
  at: Date;
  /** The last reported state, and when it began. */
  previous: ConnectionHealth;
  previousSince: Date | null;
  /** The schedule that is failing. */
  schedule: ScheduledKind;
  /** Why, and what a person should do, from the last failure. */
  reason: string | null;
  hint: string | null;
  heldChanges: number;
}

export interface Message {
  subject: string;
  /** Paragraphs, separated by empty lines. */
  body: string;
}

/** Characters; programs that show longer subjects cut them. */
const MAX_SUBJECT = 120;
const MAX_LABEL = 60;

/** The subject begins with the connection's name and its state. */
export function notificationMessage(kind: NotificationKind, occasion: Occasion): Message {
  const { what, paragraphs } = tell(kind, occasion);
  return {
    subject: oneLine(`${capText(oneLine(occasion.label), MAX_LABEL)}: ${what}`, MAX_SUBJECT),
    body: paragraphs
      .filter((text): text is string => text !== null)
      .map((text) => oneLine(text))
      .join("\n\n"),
  };
}

function tell(kind: NotificationKind, occasion: Occasion): { what: string; paragraphs: (string | null)[] } {
  const { provider, reason, hint, heldChanges } = occasion;
  const words = scheduleWords[occasion.schedule];
  const name = `${provider} connection "${occasion.label}"`;
  const at = timeText(occasion.at);
  const why = reason === null ? null : `What happened: ${reason}`;
  const todo = (fallback: string) => `What to do: ${hint ?? fallback}`;
  switch (kind) {
    case "failing":
      return {
        what: words.failing,
        paragraphs: [
          words.failed(name, at),
          why,
          todo("look at the failed run; it says more."),
          `It is tried again on schedule. You are told when it works again, or when the schedule is paused after ${PAUSE_AFTER_FAILURES} failures in a row; not of each failure.`,
        ],
      };
    case "recovered":
      return {
        what: "works again",
        paragraphs: [
          `The ${name} works again since ${at}.`,
          previousText(occasion),
          "Nothing is left to do.",
        ],
      };
    case "paused":
      return {
        what: words.paused,
        paragraphs: [
          words.stopped(name, at),
          why,
          todo("look at the failed run; it says more."),
          "Then press Resume on the connection's page. Until then nothing is tried.",
        ],
      };
    case "needs_attention":
      return {
        what: "the API key is refused",
        paragraphs: [
          `${provider} refuses the API key of the connection "${occasion.label}" since ${at}. Nothing is synced until there is a key that works.`,
          why,
          todo("enter a new API key on the connection's page."),
        ],
      };
    case "held":
      return {
        what: `${heldChanges === 1 ? "a change is" : `${heldChanges} changes are`} held back`,
        paragraphs: [
          `A sync of the ${name} ended on ${at} and would have changed surprisingly much at once. ${heldChanges === 1 ? "One change was" : `${heldChanges} changes were`} held back; everything else was taken over.`,
          "What to do: review what is held, and approve it if it is meant or reject it. A later sync that no longer sees it withdraws it.",
        ],
      };
  }
}

const scheduleWords = {
  full: {
    failing: "a full sync failed",
    failed: (name: string, at: string) =>
      `A full sync of the ${name} failed on ${at}. Assets stay as they were; they are not brought up to date until a sync goes through.`,
    paused: "the schedule is paused",
    stopped: (name: string, at: string) =>
      `The ${name} is not synced any more since ${at}: ${PAUSE_AFTER_FAILURES} full syncs in a row failed, and the schedule is paused.`,
  },
  alerts: {
    failing: "alerts are not compared",
    failed: (name: string, at: string) =>
      `Comparing the active alerts of the ${name} failed again and again, the last time on ${at}. What the webhook does not tell is not known until a comparison goes through.`,
    paused: "comparing alerts is paused",
    stopped: (name: string, at: string) =>
      `The active alerts of the ${name} are not compared any more since ${at}: ${PAUSE_AFTER_FAILURES} comparisons in a row failed, and their schedule is paused.`,
  },
} as const satisfies Record<ScheduledKind, object>;

const previousWords: Partial<Record<ConnectionHealth, string>> = {
  failing: "Its syncs had failed",
  paused: "Its schedule had been paused",
  needs_attention: "Its API key had been refused",
};

function previousText({ previous, previousSince }: Occasion): string | null {
  const words = previousWords[previous];
  if (words === undefined) return null;
  return previousSince === null ? `${words}.` : `${words} since ${timeText(previousSince)}.`;
}

/** A promise of freshness that broke, or that is kept again. */
export interface FreshnessOccasion {
  label: string;
  at: Date;
  percent: number;
  hours: number;
  lastFullSyncAt: Date;
}

/** The e-mail when a connection's promise of freshness is broken, and when it is kept again. */
export function freshnessMessage(
  kind: "freshness_broken" | "freshness_kept",
  { label, at, percent, hours, lastFullSyncAt }: FreshnessOccasion,
): Message {
  const isBroken = kind === "freshness_broken";
  const within = hours === 1 ? "an hour" : `${hours} hours`;
  const what = isBroken ? "devices are not confirmed in time" : "devices are confirmed in time again";
  const promise = `The connection "${label}" promises that ${percent} % of its devices were confirmed within ${within}.`;
  const paragraphs = isBroken
    ? [
        `${promise} Since ${timeText(at)} they are fewer: the last full sync ended on ${timeText(lastFullSyncAt)}.`,
        "What to do: look at the last full syncs on the connection's page. If they run well and take longer than promised, give the promise more hours or sync more often.",
        `You are told once more, when the promise has been kept for longer than ${within}.`,
      ]
    : [`${promise} That holds again, seen on ${timeText(at)}.`, "Nothing is left to do."];
  return {
    subject: oneLine(`${capText(oneLine(label), MAX_LABEL)}: ${what}`, MAX_SUBJECT),
    body: paragraphs.map((text) => oneLine(text)).join("\n\n"),
  };
}

/** `2026-11-23 10:05 UTC`: an e-mail does not know its reader's time zone. */
const timeText = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** On one line without control characters, because a line break in a name would begin another header. */
export function oneLine(text: string, maxLength = Infinity): string {
  const line = storableText(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  return capText(line, maxLength);
}

export interface Letter {
  text: string;
  html: string;
}

/** Both forms of an e-mail: its paragraphs, the link, and below a rule why it was sent. */
export function letterOf(body: string, link: { href: string; text: string }, footer: string): Letter {
  const paragraphs = body.split("\n\n");
  return {
    text: [...paragraphs, `${link.text}: ${link.href}`, `-- \n${footer}`].join("\n\n") + "\n",
    html: [
      '<div style="font:15px/1.5 system-ui,sans-serif;max-width:38em">',
      ...paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`),
      `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>`,
      `<hr><p style="font-size:13px;color:#666">${escapeHtml(footer)}</p>`,
      "</div>",
    ].join("\n"),
  };
}

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);
