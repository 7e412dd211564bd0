import type { Candidate, Match, MatchKey } from "./identity";

/**
 * Why a device waits without an asset: a person says which it is (`ambiguous`), the end of a sweep decides (`waiting`), a
 * person has to approve it (`approval`), or a person left it out (`rejected`).
 */
export const reviewReasons = ["ambiguous", "waiting", "approval", "rejected"] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** Whether a stored reason means that a person decides on the device. */
export const isReviewReason = (reason: string | null | undefined): reason is ReviewReason =>
  reviewReasons.some((one) => one === reason);

/** What happens to a device that has no asset yet. */
export type MatchDecision =
  | /** It gets a new asset. */
    { action: "create" }
    /** It joins an existing asset: by a shared key, or because a person said so. */
  | { action: "link"; assetId: string; link: { by: MatchKey; key: string } | { by: "hand"; actor: string } }
  /** It stays without an asset until a person or the end of a sweep decides. */
  | { action: "review"; reason: ReviewReason; candidates: Candidate[] }
  /** It stays without an asset until the end of the sweep that listed it. */
  | { action: "defer" };

/**
 * Decides what it can about a device while its page is read. It makes no link yet: a device on another page may have
 * the same serial number or resemble the same asset, which rules out the link.
 */
export function decideOnPage(match: Match, isSweep: boolean): MatchDecision {
  if (match.state === "none") return { action: "create" };
  if (isSweep) return { action: "defer" };
  if (match.state === "link")
    return { action: "review", reason: "waiting", candidates: [candidateOf(match)] };
  return { action: "review", reason: match.state, candidates: match.candidates };
}

/** What the end of a sweep knows besides a device's match. */
export interface EndOfSweep {
  /** Devices that would join the same asset, this one included. */
  competingDevices: number;
  /** Whether the sweep listed a device that is linked to the asset. */
  isListed: (assetId: string) => boolean;
}

/**
 * Decides at the end of a sweep, when every device was read. If two devices match one asset, a person decides. A device
 * that resembles one listed in the same sweep is another machine. If it resembles one that may still go (its removal is
 * held, or another account lists it), it keeps waiting.
 */
export function decideAtEnd(match: Match, { competingDevices, isListed }: EndOfSweep): MatchDecision {
  switch (match.state) {
    case "none":
      return { action: "create" };
    case "link": {
      const { assetId, by, key } = match;
      if (competingDevices === 1) return { action: "link", assetId, link: { by, key } };
      return { action: "review", reason: "ambiguous", candidates: [candidateOf(match)] };
    }
    case "ambiguous":
      return { action: "review", reason: "ambiguous", candidates: match.candidates };
    case "waiting":
      if (match.isDoubtful || match.candidates.every(({ assetId }) => isListed(assetId)))
        return { action: "create" };
      return { action: "review", reason: "waiting", candidates: match.candidates };
  }
}

/** A new asset that waits for approval. A device that joins an asset needs none, because the asset exists already. */
export const heldForApproval: MatchDecision = { action: "review", reason: "approval", candidates: [] };

/** A device that a person left out stays out until a person approves it. */
export const leftOutDecision: MatchDecision = { action: "review", reason: "rejected", candidates: [] };

const candidateOf = ({ assetId, by, key }: Candidate): Candidate => ({ assetId, by, key });
