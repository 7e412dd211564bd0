import type { SerializeFrom } from "@remix-run/node";

import { count } from "@domain/format";
import { BulkBar } from "~/ui/bulk-bar";
import { Absent } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { TickCell, TickHeader, useTicks } from "~/ui/ticks";
import { RelativeTime } from "~/ui/time";

import type { NewDevicesPage } from "./new-devices.page.server";

type Row = SerializeFrom<NewDevicesPage>["rows"][number];

const BULK_FORM = "decide-many";

interface NewDeviceTableProps {
  rows: Row[];
  total: number;
  mark: string;
  /** Whether these devices were left out, so that they can only be approved. */
  isLeftOut: boolean;
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** New devices. A person decides each by its own buttons, or several together. */
export function NewDeviceTable({ rows, total, mark, isLeftOut, action }: NewDeviceTableProps) {
  const ticks = useTicks(
    rows.map(({ id }) => id),
    BULK_FORM,
  );
  const devices = count(ticks.isAll ? total : ticks.onPage.length, "device");
  return (
    <>
      {action !== undefined && (
        <BulkBar
          action={action}
          noun="device"
          ticks={ticks}
          total={total}
          mark={mark}
          actions={[
            {
              intent: "approve",
              label: "Approve",
              variant: "primary",
              title: `Approve ${devices}?`,
              text: "Each gets an asset in the client of its group. One that looks like an asset which is there waits until somebody decides which machine it is.",
              confirm: `Approve ${devices}`,
            },
            ...(isLeftOut
              ? []
              : [
                  {
                    intent: "reject",
                    label: "Leave out",
                    title: `Leave ${devices} out?`,
                    text: "They get no asset, whatever the rules say later, until somebody approves them. Level is not changed.",
                    confirm: `Leave ${devices} out`,
                  },
                ]),
          ]}
        />
      )}
      <Table label="New devices">
        <thead>
          <tr>
            {action !== undefined && <TickHeader ticks={ticks} />}
            <Th>Device</Th>
            <Th className="hidden md:table-cell">Group</Th>
            <Th className="hidden lg:table-cell">Hardware</Th>
            <Th className="hidden sm:table-cell">Since</Th>
            {action !== undefined && (
              <Th className="text-right">
                <span className="sr-only">Decide</span>
              </Th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.id}>
              {action !== undefined && <TickCell ticks={ticks} row={row.id} name={row.name} />}
              <Td className="w-full max-w-0 md:w-auto md:max-w-56">
                <span className="block truncate font-medium" title={row.name}>
                  {row.name}
                </span>
                <span className="block truncate text-xs text-ink-faint" title={row.hostname ?? undefined}>
                  {row.assetType === "server" ? "Server" : "Workstation"}
                  {row.hostname !== null && ` · ${row.hostname}`}
                </span>
              </Td>
              <Td className="hidden max-w-64 truncate md:table-cell" title={row.groupPath ?? undefined}>
                {row.groupPath ?? <Absent />}
              </Td>
              <Td className="hidden max-w-56 lg:table-cell">
                <span className="block truncate" title={row.model ?? undefined}>
                  {row.model ?? <Absent />}
                </span>
                <span className="block truncate text-xs text-ink-faint" title={row.serialNumber ?? undefined}>
                  {row.serialNumber === null ? "No serial number" : `Serial number ${row.serialNumber}`}
                </span>
              </Td>
              <Td className="hidden text-ink-muted sm:table-cell">
                <RelativeTime at={new Date(row.sinceMs)} />
                <span className="block max-w-32 truncate text-xs text-ink-faint" title={row.integration}>
                  {row.integration}
                </span>
              </Td>
              {action !== undefined && (
                <Td className="text-right">
                  <PostForm action={action} preventScrollReset className="flex flex-wrap justify-end gap-1.5">
                    <input type="hidden" name="row" value={row.id} />
                    <SubmitButton name="intent" value="approve" variant="secondary" size="sm" busy={false}>
                      Approve<span className="sr-only"> {row.name}</span>
                    </SubmitButton>
                    {!isLeftOut && (
                      <SubmitButton name="intent" value="reject" variant="secondary" size="sm" busy={false}>
                        Leave out<span className="sr-only"> {row.name}</span>
                      </SubmitButton>
                    )}
                  </PostForm>
                </Td>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}
