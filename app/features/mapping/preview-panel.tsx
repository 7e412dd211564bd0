import { Link } from "@remix-run/react";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";

import { count, formatNumber } from "@domain/format";
import { Callout } from "~/ui/callout";

import type { EditsPreview } from "./preview-edits.server";

const total = (moves: EditsPreview["moved"]): number => moves.reduce((sum, { devices }) => sum + devices, 0);

/** What the next full sync would do after saving, with the names of assets that change client. */
export function PreviewPanel({ preview }: { preview: EditsPreview }) {
  const { created, joined, moved, lost, toReview, affected, newClients, placed, devicesAreKnown } = preview;
  const nothing = placed === 0 && [created, joined, moved, lost].every((moves) => moves.length === 0);
  return (
    <div className="space-y-4 text-sm">
      <p className="text-ink-muted">
        The next full sync carries this out. Until then every asset stays where it is.
      </p>
      {!devicesAreKnown && (
        <Callout tone="info">
          No devices were read from Level yet. The first full sync makes an asset of each device in a group
          that leads to a client.
        </Callout>
      )}
      {nothing && devicesAreKnown && (
        <Callout tone="info">No asset is created, moved or loses its client.</Callout>
      )}
      {newClients.length > 0 && (
        <Part title={count(newClients.length, "new client")}>
          <p className="text-ink-muted">
            {newClients.slice(0, 20).join(", ")}
            {newClients.length > 20 && ` and ${newClients.length - 20} more`}
          </p>
        </Part>
      )}
      {created.length > 0 && (
        <Part title={`${count(total(created), "asset")} created`}>
          <Moves moves={created} line={(move) => <>for {move.to}</>} />
        </Part>
      )}
      {joined.length > 0 && (
        <Part title={`${count(total(joined), "device")} recognised`}>
          <Moves moves={joined} line={(move) => <>as an asset that {move.to} has</>} />
        </Part>
      )}
      {moved.length > 0 && (
        <Part
          title={`${count(total(moved), "asset")} ${total(moved) === 1 ? "moves" : "move"} to another client`}
        >
          <Moves
            moves={moved}
            line={(move) => (
              <>
                {move.from ?? "no client"}
                <ArrowRight aria-label="to" className="mx-1 inline size-3.5" />
                {move.to}
              </>
            )}
          />
        </Part>
      )}
      {placed > 0 && (
        <Part title={`${count(placed, "asset")} ${placed === 1 ? "gets" : "get"} another site or contact`}>
          <p className="text-ink-muted">Of the client that they have.</p>
        </Part>
      )}
      {lost.length > 0 && (
        <Callout tone="warn" title={`${count(total(lost), "asset")} without a client afterwards`}>
          <Moves moves={lost} line={(move) => <>from {move.from}</>} />
        </Callout>
      )}
      {toReview > 0 && (
        <Callout tone="info">
          {count(toReview, "device")} {toReview === 1 ? "waits" : "wait"} for a decision and{" "}
          {toReview === 1 ? "stays as it is" : "stay as they are"}:{" "}
          <Link to="/review" target="_blank" className="underline">
            see Review
          </Link>
          .
        </Callout>
      )}
      {affected.length > 0 && (
        <details>
          <summary className="w-fit rounded-sm font-medium text-accent hover:underline">
            Which assets change client
          </summary>
          <ul
            className="mt-2 max-h-56 divide-y divide-line overflow-y-auto rounded-md border border-line"
            tabIndex={0}
          >
            {affected.map((asset) => (
              <li key={asset.assetId} className="flex flex-wrap items-baseline gap-x-2 px-3 py-1.5">
                <Link to={`/assets/${asset.assetId}`} target="_blank" className="font-medium hover:underline">
                  {asset.name}
                </Link>
                <span className="text-xs text-ink-muted">
                  {asset.from ?? "no client"}
                  <ArrowRight aria-label="to" className="mx-1 inline size-3" />
                  {asset.to ?? "no client"}
                </span>
              </li>
            ))}
          </ul>
          {affected.length < total(moved) + total(lost) && (
            <p className="mt-1 text-xs text-ink-faint">The first {formatNumber(affected.length)}, by name.</p>
          )}
        </details>
      )}
    </div>
  );
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section>
    <h3 className="font-medium">{title}</h3>
    {children}
  </section>
);

/** The number of lines that fit into the list's height. */
const FITTING = 8;

/** Lists every line, because nobody would notice a move that is only counted. */
function Moves({
  moves,
  line,
}: {
  moves: EditsPreview["moved"];
  line: (move: EditsPreview["moved"][number]) => ReactNode;
}) {
  return (
    <ul
      className="mt-1 max-h-48 space-y-0.5 overflow-y-auto text-ink-muted"
      // Focusable if it scrolls, so that a keyboard can scroll it.
      tabIndex={moves.length > FITTING ? 0 : undefined}
    >
      {moves.map((move) => (
        <li key={`${move.from}>${move.to}`} className="flex gap-2">
          <span className="w-12 shrink-0 text-right tabular-nums">{formatNumber(move.devices)}</span>
          <span className="min-w-0">{line(move)}</span>
        </li>
      ))}
    </ul>
  );
}
