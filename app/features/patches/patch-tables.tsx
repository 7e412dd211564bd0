import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { formatNumber } from "@domain/format";
import { Badge } from "~/ui/badge";
import { Absent } from "~/ui/card";
import { SortHeader } from "~/ui/sort-header";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime, RelativeTime } from "~/ui/time";

import { AssetCell, ClientCell, DaysSince, Kbs } from "./patch-cells";
import type { readPatch, readPatchDevices, readPatches } from "./patches.page.server";

type RowOf<Read extends (...args: never[]) => Promise<{ rows: unknown[] } | null>> = SerializeFrom<
  NonNullable<Awaited<ReturnType<Read>>>["rows"][number]
>;

interface Order {
  sort: string;
  isReversed: boolean;
}

/**
 * The pending updates.
 * @param filters the filters in the address, which the list of an update's devices keeps
 */
export const PatchTable = ({
  patches,
  filters,
  ...order
}: { patches: RowOf<typeof readPatches>[]; filters: string } & Order) => (
  <Table label="Patches by update">
    <thead>
      <tr>
        <SortHeader {...order} name="name">
          Update
        </SortHeader>
        <Th className="hidden lg:table-cell">Category</Th>
        <Th className="hidden md:table-cell">KB</Th>
        <SortHeader {...order} name="devices" descends className="text-right">
          Devices
        </SortHeader>
        <SortHeader {...order} name="seen" descends className="hidden text-right xl:table-cell">
          First seen
        </SortHeader>
        <SortHeader {...order} name="oldest" className="text-right">
          <span className="sm:hidden">Days</span>
          <span className="max-sm:hidden">Days pending</span>
        </SortHeader>
      </tr>
    </thead>
    <tbody>
      {patches.map((patch) => (
        <Tr key={patch.key}>
          <Td className="w-full max-w-0">
            <Link
              to={`/patches/${patch.key}${filters}`}
              prefetch="intent"
              className="block truncate font-medium hover:underline"
              title={patch.name}
            >
              {patch.name}
            </Link>
            <span className="block truncate text-xs text-ink-faint lg:hidden">
              {[patch.category, ...patch.kbIds].filter(Boolean).join(" · ")}
            </span>
          </Td>
          <Td className="hidden max-w-48 truncate text-ink-muted lg:table-cell">
            {patch.category ?? <Absent />}
          </Td>
          <Td className="hidden max-w-40 truncate text-ink-muted md:table-cell">
            <Kbs ids={patch.kbIds} />
          </Td>
          <Td className="text-right">
            <Link to={`/patches/${patch.key}${filters}`} className="hover:underline">
              {formatNumber(patch.devices)}
            </Link>
          </Td>
          <Td className="hidden text-right text-ink-muted xl:table-cell">
            <RelativeTime at={patch.firstSeenAt} />
          </Td>
          <Td className="text-right">
            <DaysSince at={patch.oldestAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

export const PatchDeviceTable = ({
  devices,
  ...order
}: { devices: RowOf<typeof readPatchDevices>[] } & Order) => (
  <Table label="Patches by device">
    <thead>
      <tr>
        <SortHeader {...order} name="name">
          Asset
        </SortHeader>
        <Th className="hidden sm:table-cell">Client</Th>
        <SortHeader {...order} name="patches" descends className="text-right">
          Pending
        </SortHeader>
        <Th className="hidden text-right md:table-cell">Oldest since</Th>
        <SortHeader {...order} name="oldest" className="text-right">
          <span className="sm:hidden">Days</span>
          <span className="max-sm:hidden">Days pending</span>
        </SortHeader>
      </tr>
    </thead>
    <tbody>
      {devices.map((device) => (
        <Tr key={device.id}>
          <Td className="w-full max-w-0">
            <AssetCell {...device} />
          </Td>
          <Td className="hidden max-w-56 truncate sm:table-cell">
            <ClientCell id={device.clientId} name={device.client} />
          </Td>
          <Td className="text-right">
            <Link to={`/assets/${device.id}#updates`} className="hover:underline">
              {formatNumber(device.patches)}
            </Link>
          </Td>
          <Td className="hidden text-right text-ink-muted md:table-cell">
            <ExactTime at={device.oldestAt} />
          </Td>
          <Td className="text-right">
            <DaysSince at={device.oldestAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

/** The devices that were offered one update. */
export const DevicesOfPatchTable = ({ devices }: { devices: RowOf<typeof readPatch>[] }) => (
  <Table label="Devices of this update">
    <thead>
      <tr>
        <Th>Asset</Th>
        <Th className="hidden sm:table-cell">Client</Th>
        <Th className="hidden md:table-cell">First seen</Th>
        <Th>Pending</Th>
        <Th className="text-right">Days</Th>
      </tr>
    </thead>
    <tbody>
      {devices.map((device) => {
        const latest = device.intervals.at(-1);
        return (
          <Tr key={device.id}>
            <Td className="w-full max-w-0">
              <AssetCell {...device} id={device.assetId} />
              {device.error !== null && (
                <span className="block truncate text-xs text-bad" title={device.error}>
                  {device.error}
                </span>
              )}
            </Td>
            <Td className="hidden max-w-56 truncate sm:table-cell">
              <ClientCell id={device.clientId} name={device.client} />
            </Td>
            <Td className="hidden text-ink-muted md:table-cell">
              <ExactTime at={device.firstSeenAt} />
            </Td>
            <Td>
              <Intervals intervals={device.intervals} />
            </Td>
            <Td className="text-right">
              <DaysSince at={latest?.startedAt ?? null} until={latest?.endedAt ?? null} />
            </Td>
          </Tr>
        );
      })}
    </tbody>
  </Table>
);

/** The times at which the update was pending, latest first: one that came back has two. */
function Intervals({ intervals }: { intervals: { startedAt: string; endedAt: string | null }[] }) {
  return (
    <ul className="space-y-0.5 text-xs">
      {[...intervals].reverse().map(({ startedAt, endedAt }) => (
        <li key={startedAt} className="text-ink-muted">
          {endedAt === null ? (
            <>
              since <ExactTime at={startedAt} />
            </>
          ) : (
            <>
              <ExactTime at={startedAt} /> to <ExactTime at={endedAt} />
            </>
          )}
        </li>
      ))}
      {intervals.length > 1 && (
        <li>
          <Badge tone="warn">
            {intervals.length === 2 ? "Came back" : `Came back ${intervals.length - 1} times`}
          </Badge>
        </li>
      )}
    </ul>
  );
}
