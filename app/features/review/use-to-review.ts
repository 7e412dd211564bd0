import { useRouteLoaderData } from "@remix-run/react";

import type { ToReview } from "./review.page.server";

const none: ToReview = { held: 0, ambiguous: 0, waiting: 0, approval: 0 };

/** The number of pending decisions, which the frame of every page has loaded. */
export const useToReview = (): ToReview =>
  (useRouteLoaderData("routes/_app") as { toReview?: ToReview } | null | undefined)?.toReview ?? none;
