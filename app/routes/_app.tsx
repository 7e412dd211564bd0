import type { SerializeFrom } from "@remix-run/node";
import { Outlet, useLoaderData, useRouteLoaderData } from "@remix-run/react";

import { guarded } from "~/auth/guard.server";
import { readToReview, type ToReview } from "~/features/review/review.page.server";
import type { loader as rootLoader } from "~/root";
import { ErrorMessage, ErrorPage } from "~/ui/error-page";
import { LeaveGuard } from "~/ui/leave-guard";
import { Shell } from "~/ui/shell/shell";

export const loader = /* @__PURE__ */ guarded(
  { permission: "account:self" },
  async ({ app, user, tenant }) => ({
    user: { name: user.name, email: user.email, role: user.role },
    company: tenant.name,
    toReview: await readToReview(app.db, tenant.id),
  }),
);

const waitingOf = ({ held, ambiguous }: ToReview) => ({ "/review": held + ambiguous });

export default function AppLayout() {
  const { toReview, ...data } = useLoaderData<typeof loader>();
  const theme = useRouteLoaderData<typeof rootLoader>("root")?.theme ?? "system";
  return (
    <Shell {...data} theme={theme} waiting={waitingOf(toReview)}>
      <LeaveGuard>
        <Outlet />
      </LeaveGuard>
    </Shell>
  );
}

/** An error of a page is shown inside the frame, as long as the frame itself could be loaded. */
export function ErrorBoundary() {
  // Null after an action that failed: then the loader of the route with the boundary does not run.
  const data = useRouteLoaderData<typeof loader>("routes/_app") as
    SerializeFrom<typeof loader> | null | undefined;
  const theme = useRouteLoaderData<typeof rootLoader>("root")?.theme ?? "system";
  if (!data) return <ErrorPage />;
  return (
    <Shell {...data} theme={theme} waiting={waitingOf(data.toReview)}>
      <ErrorMessage />
    </Shell>
  );
}
