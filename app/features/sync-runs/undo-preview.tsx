import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { ArrowRight, Undo2 } from "lucide-react";

import { count } from "@domain/format";
import { changeLabel } from "~/features/asset-history/change-labels";
import { Badge } from "~/ui/badge";
import { Absent, Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { EmptyState } from "~/ui/empty-state";
import { Table, Td, Th, Tr } from "~/ui/table";

import type { UndoPreview } from "./undo.page.server";

type Preview = SerializeFrom<UndoPreview>;

const states = {
  back: null,
  changed: "stays: changed since",
  held: "stays: set by a person",
  kept: "stays",
} as const;

/** What an undo would restore and what not, with the button that carries it out. */
export function UndoPreviewCards({ preview }: { preview: Preview }) {
  const { sums } = preview;
  const hasAny = sums.assets + sums.links > 0;
  const isAre = (n: number, text: string) => (n === 1 ? `${text} is` : `${text} are`);
  return (
    <div className="space-y-5">
      <Card>
        <CardHeader
          title={
            hasAny
              ? `${count(sums.fields, "field")} of ${count(sums.assets, "asset")} would go back`
              : "Nothing would go back"
          }
        />
        <CardBody className="space-y-3 text-sm text-ink-muted">
          <ul className="list-disc space-y-1 pl-5">
            {sums.moves > 0 && (
              <li>{count(sums.moves, "asset")} would return to the former client, or to none.</li>
            )}
            {sums.removals > 0 && (
              <li>
                {count(sums.removals, "asset")} that the run marked as gone would be active again, until Level
                lists the device and drops it again.
              </li>
            )}
            {sums.links > 0 && (
              <li>
                {count(sums.links, "device")} that the run joined to an asset would get an asset of their own.
              </li>
            )}
            {sums.changed > 0 && (
              <li>{isAre(sums.changed, count(sums.changed, "field"))} left alone: changed since.</li>
            )}
            {sums.held > 0 && (
              <li>{isAre(sums.held, count(sums.held, "field"))} left alone: set by a person since.</li>
            )}
            {sums.kept > 0 && (
              <li>
                {isAre(sums.kept, count(sums.kept, "field"))} left alone: assets that came back with their
                device, and clients that are archived by now.
              </li>
            )}
          </ul>
          <p>
            Syncs do not do again what you undo, until Level reports another value. Assets that the run
            created, alerts, pending updates, groups, online state and free disk space stay as they are.
          </p>
        </CardBody>
        {hasAny && (
          <CardFooter>
            <ConfirmButton
              intent="undo"
              label="Undo this run"
              size="md"
              title="Undo this run?"
              confirm="Undo the run"
            >
              {count(sums.fields, "field")} of {count(sums.assets, "asset")} go back to what they were before
              the run. The history keeps both.
            </ConfirmButton>
          </CardFooter>
        )}
      </Card>
      {preview.changes.length > 0 ? (
        <Card>
          <CardHeader title={preview.isCut ? `The first ${preview.changes.length} changes` : "The changes"} />
          <Table label="Changes to undo">
            <thead>
              <tr>
                <Th>Asset and field</Th>
                <Th>Now</Th>
                <Th>After the undo</Th>
              </tr>
            </thead>
            <tbody>
              {preview.changes.map((change) => (
                <Tr key={`${change.assetId} ${change.field}`}>
                  <Td className="max-w-56 align-top">
                    <Link
                      to={`/assets/${change.assetId}`}
                      className="block truncate font-medium hover:underline"
                    >
                      {change.asset}
                    </Link>
                    <span className="text-xs text-ink-muted">{changeLabel(change.field)}</span>
                  </Td>
                  <Td className="align-top [overflow-wrap:anywhere] text-ink-muted">
                    {change.state === "changed" ? "changed since" : (change.after ?? <Absent />)}
                  </Td>
                  <Td className="align-top [overflow-wrap:anywhere]">
                    {change.state === "back" ? (
                      <span className="inline-flex items-center gap-2">
                        <ArrowRight aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
                        {change.before ?? <Absent />}
                      </span>
                    ) : (
                      <Badge>{states[change.state]}</Badge>
                    )}
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </Card>
      ) : (
        <Card>
          <EmptyState icon={Undo2} title="This run changed nothing of an asset" />
        </Card>
      )}
    </div>
  );
}
