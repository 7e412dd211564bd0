import { Link, useNavigation } from "@remix-run/react";
import { Ban, Bell, FolderTree, MonitorDown, ScanSearch, type LucideIcon } from "lucide-react";

import type { SyncType } from "@domain/sync-words";
import { Button } from "~/ui/button";
import { Card, CardHeader } from "~/ui/card";
import { PostForm } from "~/ui/form";
import { useKeptFocus } from "~/ui/kept-focus";
import { isInFlight, runStatusLabels } from "~/ui/labels";
import { RelativeTime } from "~/ui/time";

import { outcomeText, type ShownRun } from "./run-figures";
import { RunProgress } from "./run-progress";
import { RunStatusBadge } from "./run-status";

type Kind = Exclude<SyncType, "device">;

const kinds: Record<Kind, { title: string; text: string; button: string; icon: LucideIcon }> = {
  organizations: {
    title: "Groups",
    text: "Reads the tree of groups, which you then map to clients.",
    button: "Sync groups",
    icon: FolderTree,
  },
  full: {
    title: "Devices and updates",
    text: "Reads groups, devices and pending updates, and carries out the mapping.",
    button: "Sync devices",
    icon: MonitorDown,
  },
  dry_run: {
    title: "Preview",
    text: "Reads groups and devices and shows what a sync of them would do. Writes nothing.",
    button: "Preview (dry run)",
    icon: ScanSearch,
  },
  alerts: {
    title: "Alerts",
    text: "Reads all alerts, active and resolved: for the beginning, and after an outage.",
    button: "Backfill alerts",
    icon: Bell,
  },
};

export interface SyncPanelProps {
  runs: ShownRun[];
  maySync: boolean;
  isDisconnected: boolean;
}

/** The kinds of syncs, each with its last run or the progress of the active one. */
export const SyncPanel = ({ runs, maySync, isDisconnected }: SyncPanelProps) => (
  <Card>
    <CardHeader
      title="Sync"
      description="Runs go on when you leave this page. Pressing twice starts one run."
      actions={
        <Link to="/runs" className="text-sm font-medium text-accent hover:underline">
          All runs
        </Link>
      }
    />
    <ul className="border-t border-line">
      {(Object.keys(kinds) as Kind[]).map((kind) => (
        <SyncRow
          key={kind}
          kind={kind}
          run={runs.find((run) => run.type === kind)}
          maySync={maySync && !isDisconnected}
        />
      ))}
    </ul>
  </Card>
);

function SyncRow({ kind, run, maySync }: { kind: Kind; run: ShownRun | undefined; maySync: boolean }) {
  const { title, text, button, icon: Icon } = kinds[kind];
  const navigation = useNavigation();
  const isSending = navigation.formData?.get("intent") === "sync" && navigation.formData.get("type") === kind;
  const live = run !== undefined && isInFlight(run.status);
  const keptFocus = useKeptFocus<HTMLDivElement>((area) => area.querySelector("a, button"));
  return (
    <li className="grid gap-x-4 gap-y-3 border-b border-line px-4 py-3.5 last:border-0 sm:grid-cols-[minmax(0,1fr)_auto]">
      {/* Announces only beginning and end, because screen readers would read changing numbers every second. */}
      <p className="sr-only" aria-live="polite">
        {run !== undefined &&
          `${title}: ${live ? "under way" : runStatusLabels[run.status].text.toLowerCase()}`}
      </p>
      <div className="flex min-w-0 gap-3">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <div className="min-w-0 flex-1">
          <h3 className="font-medium">{title}</h3>
          <p className="text-sm text-ink-muted">{text}</p>
          {/* The height is the same with and without a run, so that nothing moves when a run begins. */}
          <div className="mt-2 min-h-10">
            {run !== undefined && (live ? <RunProgress run={run} /> : <LastRun run={run} />)}
            {run === undefined && <p className="text-xs text-ink-faint">Never run.</p>}
          </div>
        </div>
      </div>
      {maySync && (
        <div {...keptFocus} className="flex items-start gap-2 max-sm:pl-7">
          {live ? (
            <>
              <Link
                to={`/runs/${run.id}`}
                className="inline-flex h-8 items-center px-1 text-sm font-medium text-accent hover:underline"
              >
                Details
              </Link>
              <PostForm intent="cancel" preventScrollReset>
                <input type="hidden" name="runId" value={run.id} />
                <Button type="submit" disabled={run.cancelRequestedAt !== null}>
                  <Ban aria-hidden />
                  {run.cancelRequestedAt === null ? "Cancel" : "Cancelling"}
                </Button>
              </PostForm>
            </>
          ) : (
            <PostForm intent="sync" preventScrollReset>
              <input type="hidden" name="type" value={kind} />
              <Button type="submit" busy={isSending}>
                {button}
              </Button>
            </PostForm>
          )}
        </div>
      )}
    </li>
  );
}

const LastRun = ({ run }: { run: ShownRun }) => (
  <div className="space-y-1 text-xs text-ink-muted">
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <RunStatusBadge status={run.status} />
      <Link to={`/runs/${run.id}`} prefetch="intent" className="hover:underline">
        <RelativeTime at={run.endedAt} />
      </Link>
    </p>
    <p className="tabular-nums">
      {run.errorMessage === null ? outcomeText(run) : <span className="text-bad">{run.errorMessage}</span>}
    </p>
  </div>
);
