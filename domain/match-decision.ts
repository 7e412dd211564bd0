import type { Candidate, Match, MatchKey } from "./identity";

/** Where a device without an asset goes. */
export type MatchDecision =
  | /** An asset of its own. */
    { to: "own" }
    /** An asset that is there, and why: something they share, or a person's word. */
  | { to: "asset"; assetId: string; link: { by: MatchKey; key: string } | { by: "hand"; actor: string } }
  /** It has none until a person tells (`ambiguous`), or the end of a sweep does (`waiting`). */
  | { to: "queue"; reason: "ambiguous" | "waiting"; candidates: Candidate[] }
  /** It has none until the end of the sweep that met it. */
  | { to: "aside" };

/**
 * What can be said of a device where it is met. No link is made there: a device of another page may bear the same serial
 * number or be like the same asset, and then there is none.
 */
export function placeOnPage(match: Match, isSweep: boolean): MatchDecision {
  if (match.state === "none") return { to: "own" };
  if (isSweep) return { to: "aside" };
  if (match.state === "link") return { to: "queue", reason: "waiting", candidates: [candidateOf(match)] };
  return { to: "queue", reason: match.state, candidates: match.candidates };
}

/** What the end of a sweep knows beside a device's match. */
export interface EndOfSweep {
  /** Devices that would join the same asset, this one included. */
  claimants: number;
  /** Whether the sweep listed a device that is tied to the asset. */
  isListed: (assetId: string) => boolean;
}

/**
 * What the end of a sweep says, which has met all devices. Two that claim one asset are asked of a person. A device that
 * is like one that was listed beside it is another machine; like one that may yet go (its removal is held, it belongs to
 * another account), it goes on waiting.
 */
export function placeAtEnd(match: Match, { claimants, isListed }: EndOfSweep): MatchDecision {
  switch (match.state) {
    case "none":
      return { to: "own" };
    case "link": {
      const { assetId, by, key } = match;
      if (claimants === 1) return { to: "asset", assetId, link: { by, key } };
      return { to: "queue", reason: "ambiguous", candidates: [candidateOf(match)] };
    }
    case "ambiguous":
      return { to: "queue", reason: "ambiguous", candidates: match.candidates };
    case "waiting":
      if (match.isDoubtful || match.candidates.every(({ assetId }) => isListed(assetId)))
        return { to: "own" };
      return { to: "queue", reason: "waiting", candidates: match.candidates };
  }
}

const candidateOf = ({ assetId, by, key }: Candidate): Candidate => ({ assetId, by, key });
