/**
 * Where a comparison of the active alerts stands once the list is at its end. It is in the cursor, and so survives a
 * crash with the pages.
 */
export interface Place {
  phase: "asking" | "closing" | "named";
  /** Alerts asked for, those among them that the provider does not know, and those that its list lacked. */
  asked: number;
  unknown: number;
  unlisted: number;
  /** The last alert that was looked at in this phase. */
  after: string;
}

export const LIST_AT_END: Place = { phase: "asking", asked: 0, unknown: 0, unlisted: 0, after: "" };

export const cursorOf = ({ phase, asked, unknown, unlisted, after }: Place): string =>
  `${phase}:${asked}/${unknown}/${unlisted}:${after}`;

/** Null for a cursor of the provider's list. */
export function readCursor(cursor: string | undefined): Place | null {
  const match = /^(asking|closing|named):(?:(\d+)\/(\d+)\/(\d+):)?(.*)$/s.exec(cursor ?? "");
  if (match === null) return null;
  const [, phase, asked = 0, unknown = 0, unlisted = 0, after] = match;
  return {
    phase: phase as Place["phase"],
    asked: Number(asked),
    unknown: Number(unknown),
    unlisted: Number(unlisted),
    after: after!,
  };
}

const MAX_UNKNOWN = 10;

/** So many of the alerts are unknown to the provider that its key is of another account, likelier than all deleted. */
export const isAnotherAccount = ({ asked, unknown }: Place): boolean =>
  unknown > MAX_UNKNOWN && unknown > asked / 2;
