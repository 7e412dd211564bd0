import { Link } from "@remix-run/react";
import { Download, Lock } from "lucide-react";

import { formatNumber } from "@domain/format";
import { AskButton } from "~/ui/ask-button";
import { Badge } from "~/ui/badge";
import { DialogActions } from "~/ui/dialog";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";

import { dayText, monthText, reasonText } from "./ledger-labels";
import type { CountChange, LedgerEntry, LedgerMonth } from "./ledger.page.server";

const typeText = { server: "Servers", workstation: "Workstations" } as const;

const ClientName = ({ id, name }: { id: string | null; name: string | null }) =>
  id === null ? (
    <span className="text-ink-muted">Without a client</span>
  ) : name === null ? (
    <span className="text-ink-muted">A deleted client</span>
  ) : (
    <Link to={`/clients/${id}`} className="block truncate hover:underline" title={name}>
      {name}
    </Link>
  );

const signed = (value: number): string => (value > 0 ? `+${formatNumber(value)}` : formatNumber(value));

/**
 * The former and present count of each client and type.
 * @param linkTo the address of the devices in a row's changes
 */
export const CountChangeTable = ({
  counts,
  linkTo,
}: {
  counts: CountChange[];
  linkTo: (row: CountChange) => string;
}) => (
  <Table label="Counts by client">
    <thead>
      <tr>
        <Th>Client</Th>
        <Th className="hidden sm:table-cell">Type</Th>
        <Th className="hidden text-right sm:table-cell">Before</Th>
        <Th className="hidden text-right md:table-cell">Joined</Th>
        <Th className="hidden text-right md:table-cell">Left</Th>
        <Th className="text-right">Change</Th>
        <Th className="text-right">Now</Th>
      </tr>
    </thead>
    <tbody>
      {counts.map((row) => (
        <Tr key={`${row.clientId} ${row.assetType}`}>
          <Td className="w-full max-w-0">
            <ClientName id={row.clientId} name={row.client} />
            <span className="block text-xs text-ink-faint sm:hidden">{typeText[row.assetType]}</span>
          </Td>
          <Td className="hidden text-ink-muted sm:table-cell">{typeText[row.assetType]}</Td>
          <Td className="hidden text-right text-ink-muted sm:table-cell">{formatNumber(row.before)}</Td>
          <Td className="hidden text-right text-ink-muted md:table-cell">{formatNumber(row.joined)}</Td>
          <Td className="hidden text-right text-ink-muted md:table-cell">{formatNumber(row.left)}</Td>
          <Td className="text-right">
            {row.joined + row.left === 0 ? (
              <span className="text-ink-faint">0</span>
            ) : (
              <Link to={linkTo(row)} className="hover:underline">
                {signed(row.joined - row.left)}
              </Link>
            )}
          </Td>
          <Td className="text-right">
            <Link
              to={`/assets?client=${row.clientId ?? "none"}&type=${row.assetType}`}
              className="font-medium hover:underline"
            >
              {formatNumber(row.after)}
            </Link>
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

export const LedgerEntryTable = ({ entries }: { entries: LedgerEntry[] }) => (
  <Table label="Devices behind the changes">
    <thead>
      <tr>
        <Th>Day</Th>
        <Th>Device</Th>
        <Th className="hidden md:table-cell">Client</Th>
        <Th className="hidden sm:table-cell">What happened</Th>
        <Th className="text-right">Change</Th>
      </tr>
    </thead>
    <tbody>
      {entries.map((entry) => (
        <Tr key={entry.id}>
          <Td className="whitespace-nowrap text-ink-muted">{dayText(entry.day)}</Td>
          <Td className="w-full max-w-0 sm:w-auto sm:max-w-56">
            {entry.exists ? (
              <Link
                to={`/assets/${entry.assetId}`}
                className="block truncate font-medium hover:underline"
                title={entry.name}
              >
                {entry.name}
              </Link>
            ) : (
              <span className="block truncate font-medium" title={entry.name}>
                {entry.name}
              </span>
            )}
            <span className="block truncate text-xs text-ink-faint sm:hidden">
              {reasonText(entry.reason, entry.change, entry.otherClient)}
            </span>
          </Td>
          <Td className="hidden max-w-36 truncate md:table-cell">
            <ClientName id={entry.clientId} name={entry.client} />
          </Td>
          <Td className="hidden max-w-44 truncate text-ink-muted sm:table-cell">
            {reasonText(entry.reason, entry.change, entry.otherClient)}
          </Td>
          <Td className="text-right">
            <Badge tone={entry.change > 0 ? "good" : "neutral"}>{entry.change > 0 ? "+1" : "−1"}</Badge>
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

/**
 * The counts of each month, with the button that locks them.
 * @param today a day in UTC; a month can be locked once it is over
 */
export const MonthTable = ({
  months,
  today,
  mayLock,
}: {
  months: LedgerMonth[];
  today: string;
  mayLock: boolean;
}) => (
  <Table label="Months">
    <thead>
      <tr>
        <Th>Month</Th>
        <Th className="text-right">Devices at its end</Th>
        <Th className="hidden text-right sm:table-cell">Days counted</Th>
        <Th className="text-right">
          <span className="sr-only">Actions</span>
        </Th>
      </tr>
    </thead>
    <tbody>
      {months.map((month) => (
        <Tr key={month.month}>
          <Td className="w-full">
            {monthText(month.month)}
            {month.lockedBy !== null && (
              <span className="flex items-center gap-1 text-xs text-ink-faint">
                <Lock aria-hidden className="size-3" />
                Locked by {month.lockedBy}
              </span>
            )}
          </Td>
          <Td className="text-right">{formatNumber(month.devices)}</Td>
          <Td className="hidden text-right text-ink-muted sm:table-cell">{month.days}</Td>
          <Td>
            <div className="flex flex-wrap items-center justify-end gap-2">
              <a
                href={`/clients/counts.csv?month=${month.month.slice(0, 7)}`}
                className="inline-flex items-center gap-1.5 text-sm font-medium text-accent hover:underline"
                aria-label={`CSV of ${monthText(month.month)}`}
              >
                <Download aria-hidden className="size-4" />
                CSV
              </a>
              {mayLock && month.lockedBy === null && month.month.slice(0, 7) < today.slice(0, 7) && (
                <LockButton month={month.month} />
              )}
            </div>
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

const LockButton = ({ month }: { month: string }) => (
  <AskButton
    label="Lock"
    title={`Lock ${monthText(month)}?`}
    text={<p>Its daily counts and changes can never be changed again. A locked month is not unlocked.</p>}
    answer={({ cancel, close }) => (
      <PostForm intent="lock" onSubmit={close} className="mt-3">
        <input type="hidden" name="month" value={month} />
        <DialogActions>
          {cancel}
          <SubmitButton intent="lock">Lock the month</SubmitButton>
        </DialogActions>
      </PostForm>
    )}
  />
);
