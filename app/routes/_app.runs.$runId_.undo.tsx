import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { count } from "@domain/format";
import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { runTitle } from "~/features/sync-runs/run-figures";
import { readRunSummary } from "~/features/sync-runs/runs.page.server";
import { UndoPreviewCards } from "~/features/sync-runs/undo-preview";
import { undoRun } from "~/features/sync-runs/undo-run.server";
import { readUndoPreview } from "~/features/sync-runs/undo.page.server";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { isInFlight } from "~/ui/labels";
import { PageHeader } from "~/ui/page-header";
import { ExactTime } from "~/ui/time";

export const meta: MetaFunction = () => [{ title: "Undo a sync run · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:write" },
  async ({ app, tenantId, params }) => {
    const runId = idParam(params, "runId");
    const run = await readRunSummary(app.db, tenantId, runId);
    if (run === null) throw notFound();
    return {
      run: {
        id: runId,
        type: run.type,
        target: run.target,
        status: run.status,
        undoneAt: run.undoneAt,
        undoneBy: run.undoneBy,
      },
      preview: isInFlight(run.status) ? null : await readUndoPreview(app.db, { tenantId, runId }),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  undo: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, params } = context;
      const runId = idParam(params, "runId");
      const outcome = await undoRun(app.sync, { tenantId, runId }, actorOf(context));
      const here = `/runs/${runId}`;
      switch (outcome.state) {
        case "unknown_run":
          throw notFound();
        case "still_running":
          return done(here, "Not undone: the run is still under way.");
        case "nothing_to_undo":
          return done(here, "Nothing was left to undo.");
        case "undone":
          return done(
            here,
            `Undone: ${count(outcome.fields, "field")} of ${count(outcome.assets, "asset")}. No sync does it again until Level reports something else.`,
          );
      }
    },
  },
});

export default function UndoRunPage() {
  const { run, preview } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        back={{ to: `/runs/${run.id}`, label: runTitle(run) }}
        title="Undo this run"
        description="Puts back what the run changed of your assets, but for what was changed since."
      />
      {run.undoneAt !== null && (
        <Callout tone="info" className="mb-5">
          Undone by {run.undoneBy} on <ExactTime at={run.undoneAt} />.
        </Callout>
      )}
      {preview === null ? (
        <Callout tone="info">The run is still under way. It can be undone once it has ended.</Callout>
      ) : (
        <UndoPreviewCards preview={preview} />
      )}
    </>
  );
}
