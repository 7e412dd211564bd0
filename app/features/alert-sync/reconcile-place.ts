/**
 * The progress of a comparison of active alerts after the end of the list. Stored in the cursor, so that it survives a
 * crash together with the pages.
 */
export interface Place {
  phase: "asking" | "closing" | "named";
  /** The number of alerts read by id, of those that the provider does not know, and of those that its list lacked. */
  asked: number;
  unknown: number;
  unlisted: number;
  /** The last alert read in this phase. */
  after: string;
}

export const LIST_AT_END: Place = { phase: "asking", asked: 0, unknown: 0, unlisted: 0, after: "" };

export const cursorOf = ({ phase, asked, unknown, unlisted, after }: Place): string =>
  `${phase}:${asked}/${unknown}/${unlisted}:${after}`;

/** The progress that a cursor holds; null if the cursor is one of the provider's list. */
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

/** Whether so many alerts are unknown that the key is more likely of another account than all of them deleted. */
export const isAnotherAccount = ({ asked, unknown }: Place): boolean =>
  unknown > MAX_UNKNOWN && unknown > asked / 2;
