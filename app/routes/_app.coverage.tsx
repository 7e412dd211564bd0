import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useLocation } from "@remix-run/react";
import { SearchX, ShieldCheck } from "lucide-react";

import { coverageKinds } from "@domain/coverage";
import { count, formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, notFound } from "~/auth/guard.server";
import { gapLabels } from "~/features/coverage/coverage-labels";
import { CoverageTable } from "~/features/coverage/coverage-table";
import { coverageSearch, readCoverage } from "~/features/coverage/coverage.page.server";
import { ignore, ignoreGapForm, unignore, unignoreGapForm } from "~/features/coverage/ignore-gap.server";
import { done, parseForm, refused } from "~/platform/http/form.server";
import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { FilterForm } from "~/ui/filter-form";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Coverage · Plumbline" }];

const UNKNOWN = "This no longer exists.";

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const search = coverageSearch(url.searchParams);
    return {
      ...(await readCoverage(app.db, tenantId, search)),
      ...search.filter,
      text: search.filter.text ?? "",
      mayWrite: allows(user.role, "assets:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  ignore: {
    permission: "assets:write",
    run: async (context) => {
      const parsed = parseForm(ignoreGapForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await ignore(context, parsed.data);
      if (outcome.state === "unknown") throw notFound(UNKNOWN);
      return done(`/coverage?kind=${parsed.data.kind}`, `${outcome.name} is ignored.`);
    },
  },
  unignore: {
    permission: "assets:write",
    run: async (context) => {
      const parsed = parseForm(unignoreGapForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { state } = await unignore(context, parsed.data);
      if (state === "unknown") throw notFound(UNKNOWN);
      return done(`/coverage?kind=${parsed.data.kind}&show=ignored`, "It is shown again.");
    },
  },
});

export default function CoveragePage() {
  const { rows, total, next, counts, kind, isIgnored, text, mayWrite } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const { search } = useLocation();
  const labels = gapLabels[kind];
  const ignored = counts[kind].ignored;
  return (
    <>
      <PageHeader
        title="Coverage"
        description="What your RMM knows but your records do not, and the reverse."
        actions={total > 0 && <DownloadLink href={`/coverage.csv${search}`} />}
      />
      {refusal?.errors["note"] !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {refusal.errors["note"]}
        </Callout>
      )}
      <nav aria-label="Gaps" className="mb-5 grid grid-cols-2 gap-3 lg:grid-cols-4">
        {coverageKinds.map((one) => (
          <Link
            key={one}
            to={`/coverage?kind=${one}`}
            aria-current={one === kind ? "page" : undefined}
            className={cn(
              "rounded-lg border bg-surface p-4 shadow-card hover:border-line-strong",
              one === kind ? "border-accent" : "border-line",
            )}
          >
            <span className="block text-xs font-medium text-ink-muted">{gapLabels[one].tab}</span>
            <span className="mt-1 block text-2xl font-semibold tabular-nums">
              {formatNumber(counts[one].open)}
            </span>
          </Link>
        ))}
      </nav>
      <Card>
        <div className="flex flex-wrap items-center justify-between gap-2 px-4 pt-3.5">
          <p className="text-sm text-ink-muted">{labels.text}</p>
          {(ignored > 0 || isIgnored) && (
            <Link
              to={isIgnored ? `/coverage?kind=${kind}` : `/coverage?kind=${kind}&show=ignored`}
              className="text-sm font-medium text-accent hover:underline"
            >
              {isIgnored ? "Show what is open" : `${formatNumber(ignored)} ignored`}
            </Link>
          )}
        </div>
        <FilterForm text={text} placeholder={`Name or ${labels.detail.toLowerCase()}`}>
          <input type="hidden" name="kind" value={kind} />
          {isIgnored && <input type="hidden" name="show" value="ignored" />}
          {isIgnored && <Badge>Ignored</Badge>}
        </FilterForm>
        {rows.length > 0 ? (
          <>
            <CoverageTable kind={kind} gaps={rows} isIgnored={isIgnored} mayWrite={mayWrite} />
            <KeysetPagination shown={rows.length} total={total} next={next} noun={labels.noun} />
          </>
        ) : text !== "" || isIgnored ? (
          <EmptyState icon={SearchX} title={text === "" ? "Nothing is ignored" : "Nothing matches"} />
        ) : (
          <EmptyState icon={ShieldCheck} title={labels.none}>
            {ignored > 0 && `${count(ignored, "gap")} ignored.`}
          </EmptyState>
        )}
      </Card>
    </>
  );
}
