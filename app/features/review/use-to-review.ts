import { useRouteLoaderData } from "@remix-run/react";

import type { ToReview } from "./review.page.server";

const none: ToReview = { held: 0, ambiguous: 0, waiting: 0 };

/** How much waits for a person: the frame of every page knows it. */
export const useToReview = (): ToReview =>
  (useRouteLoaderData("routes/_app") as { toReview?: ToReview } | null | undefined)?.toReview ?? none;
