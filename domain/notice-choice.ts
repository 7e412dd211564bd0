import * as z from "zod";

import { alertSeverities, type AlertSeverity } from "./alert-words";
import { DAY_MS, HOUR_MS } from "./durations";
import { severityRank } from "./incident-state";
import { noticeKinds, type NoticeKind } from "./notice-kinds";
import { instantsOf, wallMs } from "./wall-clock";

/** When a person gets the notices they chose: each at once, or all of an hour or a day in one e-mail. */
export const noticePaces = ["now", "hourly", "daily", "never"] as const;
export type NoticePace = (typeof noticePaces)[number];

/** The hour of the wall clock at which the daily e-mail goes out. */
export const DAILY_AT_HOUR = 8;

const MAX_CLIENTS = 500;

export const noticeChoiceSchema = z.object({
  pace: z.enum(noticePaces),
  /** Empty: every kind. */
  kinds: z.array(z.enum(noticeKinds)),
  /** The lowest severity of incidents; null: any. */
  severity: z.enum(alertSeverities).nullable(),
  /** Empty: incidents of every client. */
  clientIds: z.array(z.uuid()).max(MAX_CLIENTS),
});

/** Which notices a person gets, and when. */
export type NoticeChoice = z.output<typeof noticeChoiceSchema>;

export const everyNotice: NoticeChoice = { pace: "now", kinds: [], severity: null, clientIds: [] };

/** An incident that a notice is about. */
export interface NoticeSubject {
  severity: AlertSeverity;
  clientId: string | null;
}

/**
 * Whether a person chose a notice. Severity and client count for notices about incidents; one matching incident is
 * enough.
 */
export function isChosen(
  { pace, kinds, severity, clientIds }: NoticeChoice,
  notice: { kind: NoticeKind; about?: readonly NoticeSubject[] },
): boolean {
  if (pace === "never") return false;
  if (kinds.length > 0 && !kinds.includes(notice.kind)) return false;
  const { about = [] } = notice;
  if (about.length === 0) return true;
  const lowest = severity === null ? Infinity : severityRank(severity);
  return about.some(
    (one) =>
      severityRank(one.severity) <= lowest &&
      (clientIds.length === 0 || (one.clientId !== null && clientIds.includes(one.clientId))),
  );
}

/** When a notice of this moment goes out: at once, at the next full hour, or at eight in the time zone. */
export function dueAt(pace: NoticePace, now: Date, timeZone: string): Date {
  const nowMs = now.getTime();
  const wall = wallMs(nowMs, timeZone);
  if (pace === "hourly") return new Date(nowMs - (wall % HOUR_MS) - (nowMs % 1_000) + HOUR_MS);
  if (pace !== "daily") return now;
  for (let eight = Math.floor(wall / DAY_MS) * DAY_MS + DAILY_AT_HOUR * HOUR_MS; ; eight += DAY_MS) {
    const { first } = instantsOf(eight, timeZone);
    if (first > nowMs) return new Date(first);
  }
}
