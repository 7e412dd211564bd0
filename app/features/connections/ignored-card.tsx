import type { SerializeFrom } from "@remix-run/node";

import { Absent, Card, CardHeader } from "~/ui/card";
import { resourceLabels } from "~/ui/labels";
import { RowButton } from "~/ui/row-button";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { ConnectionSettings } from "./integrations.page.server";

/** The records that a person ignored, each with a button that undoes it; renders nothing if there are none. */
export function IgnoredCard({
  ignored,
  maySync,
}: {
  ignored: SerializeFrom<ConnectionSettings>["ignored"];
  maySync: boolean;
}) {
  if (ignored.length === 0) return null;
  return (
    <Card>
      <CardHeader
        title="Ignored records"
        description="They cannot be imported and do not count as failed until they change in the RMM."
      />
      <Table label="Ignored records">
        <thead>
          <tr>
            <Th>Record</Th>
            <Th>Note</Th>
            <Th className="text-right">Since</Th>
            {maySync && <Th>Action</Th>}
          </tr>
        </thead>
        <tbody>
          {ignored.map((record) => (
            <Tr key={record.id}>
              <Td className="max-w-48 align-top">
                <span className="block truncate" title={record.name ?? undefined}>
                  {record.name ?? <Absent />}
                </span>
                <span
                  className="block truncate text-xs text-ink-faint"
                  title={record.externalId ?? undefined}
                >
                  {resourceLabels[record.resource]}, {record.externalId ?? "no id"}
                </span>
                <span className="block text-xs text-ink-muted">{record.reason}</span>
              </Td>
              <Td className="min-w-32 align-top [overflow-wrap:anywhere]">
                {record.note}
                <span className="block text-xs text-ink-faint">{record.actor}</span>
              </Td>
              <Td className="text-right align-top text-ink-muted">
                <RelativeTime at={record.createdAt} />
              </Td>
              {maySync && (
                <Td className="align-top">
                  <RowButton intent="stop-ignoring" fields={{ record: record.id }}>
                    Stop ignoring
                  </RowButton>
                </Td>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
