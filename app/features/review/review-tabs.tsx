import { formatNumber } from "@domain/format";
import { Badge } from "~/ui/badge";
import { TabNav } from "~/ui/tab-nav";

import type { ToReview } from "./review.page.server";

const withCount = (label: string, waiting: number) => (
  <>
    {label}
    {waiting > 0 && <Badge tone="warn">{formatNumber(waiting)}</Badge>}
  </>
);

/** The tabs of pending review. */
export const ReviewTabs = ({ held, ambiguous, approval }: ToReview) => (
  <TabNav
    label="Pages of what waits"
    tabs={[
      { to: "/review", label: withCount("Held changes", held), end: true },
      { to: "/review/identity", label: withCount("Which machine is it?", ambiguous) },
      { to: "/review/devices", label: withCount("New devices", approval) },
    ]}
  />
);
