import type { SerializeFrom } from "@remix-run/node";
import { Outlet, useLoaderData, useRouteLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";

import { guarded } from "~/auth/guard.server";
import { readToReview, type ToReview } from "~/features/review/review.page.server";
import { useSearch } from "~/features/search/use-search";
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

const waitingOf = ({ held, ambiguous, approval }: ToReview) => ({
  "/review": held + ambiguous + approval,
});

export default function AppLayout() {
  return (
    <Frame {...useLoaderData<typeof loader>()}>
      <LeaveGuard>
        <Outlet />
      </LeaveGuard>
    </Frame>
  );
}

function Frame({ toReview, children, ...data }: SerializeFrom<typeof loader> & { children: ReactNode }) {
  const theme = useRouteLoaderData<typeof rootLoader>("root")?.theme ?? "system";
  const { search, openSearch, prepareSearch } = useSearch(data.user.role);
  return (
    <Shell
      {...data}
      theme={theme}
      waiting={waitingOf(toReview)}
      onSearch={openSearch}
      onBeforeSearch={prepareSearch}
    >
      {children}
      {search}
    </Shell>
  );
}

/** Shows the error of a page inside the frame, if the frame itself could be loaded. */
export function ErrorBoundary() {
  // Null after an action failed, because then the loader of the route with the boundary does not run.
  const data = useRouteLoaderData<typeof loader>("routes/_app") as
    SerializeFrom<typeof loader> | null | undefined;
  if (!data) return <ErrorPage />;
  return (
    <Frame {...data}>
      <ErrorMessage />
    </Frame>
  );
}
