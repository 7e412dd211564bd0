import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { Check } from "lucide-react";
import type { ReactNode } from "react";

import type { MatchKey } from "@domain/identity";
import { Badge } from "~/ui/badge";
import { Absent } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";
import { RelativeTime } from "~/ui/time";
import { TickBox, type Ticks } from "~/ui/ticks";

import { macText, matchLabels } from "./identity-labels";
import type { ComparedDevice } from "./review.page.server";

type Device = SerializeFrom<ComparedDevice>;
type Candidate = Device["candidates"][number];

/** The most candidates shown, because more than that share a hostname only if an installer set it. */
const CANDIDATES_SHOWN = 11;

export interface MatchCardProps {
  device: Device;
  /** The ticks of the devices. */
  ticks: Ticks;
  /** The address that the forms are sent to; undefined for a person who may only read. */
  action: string | undefined;
}

/** A new device beside its candidate assets, with the keys that they share. */
export function MatchCard({ device, ticks, action }: MatchCardProps) {
  const { candidates, name } = device;
  const own = (label: string) =>
    action !== undefined && (
      <PostForm action={action} intent="own" preventScrollReset>
        <input type="hidden" name="row" value={device.id} />
        <SubmitButton variant="secondary" size="sm" busy={false}>
          {label}
          <span className="sr-only">: {name}</span>
        </SubmitButton>
      </PostForm>
    );
  return (
    <li className="border-b border-line px-4 py-4 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {action !== undefined && <TickBox ticks={ticks} row={device.id} name={name} />}
        <h2 className="min-w-0 font-medium break-words">{name}</h2>
        <Badge tone={device.reason === "ambiguous" ? "warn" : "info"}>
          {device.reason === "ambiguous" ? "To be decided" : "Waits for the next sync"}
        </Badge>
        <span className="text-xs text-ink-faint">
          {device.integration} · <RelativeTime at={new Date(device.sinceMs)} />
        </span>
      </div>
      <p className="mt-1 max-w-prose text-sm text-ink-muted">
        {device.reason === "ambiguous" ? <AmbiguousText device={device} /> : <WaitingText device={device} />}
      </p>
      <div className="mt-3 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        <Machine title="The new device" tone="new" footer={own("A machine of its own")}>
          <Shared name="Serial number" value={device.device.serialNumber} />
          <Shared name="MAC addresses" value={macsOf(device.device.macKeys)} />
          <Shared name="Hostname" value={device.device.hostname} />
          <Shared name="Model" value={device.device.model} />
          <Shared name="User" value={device.device.user} />
          <Shared
            name="Last seen"
            value={device.device.lastSeenAt === null ? null : <RelativeTime at={device.device.lastSeenAt} />}
          />
        </Machine>
        {candidates.slice(0, CANDIDATES_SHOWN).map((candidate) => (
          <CandidateMachine
            key={candidate.assetId}
            candidate={candidate}
            form={
              action !== undefined &&
              device.reason === "ambiguous" && (
                <PostForm action={action} intent="link" preventScrollReset>
                  <input type="hidden" name="row" value={device.id} />
                  <input type="hidden" name="asset" value={candidate.assetId} />
                  <SubmitButton variant="secondary" size="sm" busy={false} disabled={candidate.isLinked}>
                    It is this one
                    <span className="sr-only">
                      : {name} is {candidate.name}
                    </span>
                  </SubmitButton>
                </PostForm>
              )
            }
          />
        ))}
      </div>
      {candidates.length > CANDIDATES_SHOWN && (
        <p className="mt-2 text-xs text-ink-muted">
          {candidates.length - CANDIDATES_SHOWN} more share the {matchLabels[candidates[0]!.by]}.
        </p>
      )}
    </li>
  );
}

const CandidateMachine = ({ candidate, form }: { candidate: Candidate; form: ReactNode }) => {
  const shares = (key: MatchKey) => candidate.shares.includes(key);
  return (
    <Machine
      title={
        <Link to={`/assets/${candidate.assetId}`} className="hover:underline">
          {candidate.name}
        </Link>
      }
      badge={
        candidate.isLinked ? (
          <Badge tone="good">Has a listed device</Badge>
        ) : (
          <Badge className="capitalize">{candidate.status}</Badge>
        )
      }
      footer={form}
    >
      <Shared name="Serial number" value={candidate.serialNumber} same={shares("serial")} />
      <Shared name="MAC addresses" value={macsOf(candidate.macKeys)} same={shares("mac")} />
      <Shared name="Hostname" value={candidate.hostname} same={shares("hostname")} />
      <Shared name="Model" value={candidate.model} />
      <Shared name="User" value={candidate.user} />
      <Shared
        name="Last seen"
        value={candidate.lastSeenMs === null ? null : <RelativeTime at={new Date(candidate.lastSeenMs)} />}
      />
      <Shared name="Client" value={candidate.client ?? "No client"} />
    </Machine>
  );
};

interface MachineProps {
  title: ReactNode;
  badge?: ReactNode;
  tone?: "new";
  footer: ReactNode;
  children: ReactNode;
}

const Machine = ({ title, badge, tone, footer, children }: MachineProps) => (
  <div
    className={
      tone === "new"
        ? "flex flex-col rounded-md border border-accent/40 bg-accent-soft/40 p-3"
        : "flex flex-col rounded-md border border-line p-3"
    }
  >
    <div className="flex flex-wrap items-center justify-between gap-2">
      <h3 className="min-w-0 truncate text-sm font-medium">{title}</h3>
      {badge}
    </div>
    <dl className="mt-2 grid flex-1 grid-cols-[auto_minmax(0,1fr)] content-start gap-x-3 gap-y-1 text-xs">
      {children}
    </dl>
    {footer !== false && <div className="mt-3">{footer}</div>}
  </div>
);

const Shared = ({ name, value, same = false }: { name: string; value: ReactNode; same?: boolean }) => (
  <>
    <dt className="text-ink-faint">{name}</dt>
    <dd className="min-w-0 break-words">
      {same ? (
        <span className="font-medium text-good">
          {value} <Check aria-hidden className="inline size-3.5" />
          <span className="sr-only">the same</span>
        </span>
      ) : (
        (value ?? <Absent />)
      )}
    </dd>
  </>
);

const macsOf = (keys: string[]): string | null => (keys.length === 0 ? null : keys.map(macText).join(", "));

function AmbiguousText({ device: { candidates } }: { device: Device }) {
  const [first, ...others] = candidates;
  if (first === undefined) return "The assets that it might be are gone by now.";
  return others.length > 0
    ? `${candidates.length} assets have the same ${matchLabels[first.by]}. Say which it is, so that their histories are not mixed up.`
    : `It has the same ${matchLabels[first.by]} as one asset, but something else speaks against it, or another new device claims it too. Say whether it is that one.`;
}

function WaitingText({ device: { candidates } }: { device: Device }) {
  const [first] = candidates;
  if (first === undefined) return "The next complete sync decides.";
  return (
    <>
      It has the same {matchLabels[first.by]} as {first.name}, whose device is still listed. The next complete
      sync decides: where that device is gone by then, this is the same machine, enrolled again; where both
      are listed, they are two machines.
    </>
  );
}
