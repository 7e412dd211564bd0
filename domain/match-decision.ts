import type { Candidate, Match, MatchKey } from "./identity";

/** Where a device without an asset goes. */
export type MatchDecision =
  | /** An asset of its own. */
    { to: "own" }
    /** An asset that is there, and why: something they share, or a person's word. */
  | { to: "asset"; assetId: string; link: { by: MatchKey; key: string } | { by: "hand"; actor: string } }
  /** It has none until a person decides (`ambiguous`), or the end of a sweep does (`waiting`). */
  | { to: "queue"; reason: "ambiguous" | "waiting"; candidates: Candidate[] }
  /** It has none until the end of the sweep that listed it. */
  | { to: "aside" };

/**
 * Decides what it can about a device while its page is read. It makes no link yet: a device on another page may have
 * the same serial number or resemble the same asset, which rules out the link.
 */
export function placeOnPage(match: Match, isSweep: boolean): MatchDecision {
  if (match.state === "none") return { to: "own" };
  if (isSweep) return { to: "aside" };
  if (match.state === "link") return { to: "queue", reason: "waiting", candidates: [candidateOf(match)] };
  return { to: "queue", reason: match.state, candidates: match.candidates };
}

/** What the end of a sweep knows besides a device's match. */
export interface EndOfSweep {
  /** Devices that would join the same asset, this one included. */
  claimants: number;
  /** Whether the sweep listed a device that is tied to the asset. */
  isListed: (assetId: string) => boolean;
}

/**
 * Decides at the end of a sweep, when every device was read. If two devices match one asset, a person decides. A device
 * that resembles one listed in the same sweep is another machine. If it resembles one that may still go (its removal is
 * held, or another account lists it), it keeps waiting.
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
