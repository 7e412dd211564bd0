import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import type { CoverageKind } from "@domain/coverage";
import { AskButton } from "~/ui/ask-button";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Absent } from "~/ui/card";
import { DialogActions } from "~/ui/dialog";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { connectionPath, mappingPath } from "~/ui/paths";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime } from "~/ui/time";

import { gapLabels, MAX_GAP_NOTE, reasonLabel } from "./coverage-labels";
import type { readCoverage } from "./coverage.page.server";

type Gap = SerializeFrom<Awaited<ReturnType<typeof readCoverage>>["rows"][number]>;

interface CoverageTableProps {
  kind: CoverageKind;
  gaps: Gap[];
  isIgnored: boolean;
  mayWrite: boolean;
}

export const CoverageTable = ({ kind, gaps, isIgnored, mayWrite }: CoverageTableProps) => (
  <Table label={gapLabels[kind].tab}>
    <thead>
      <tr>
        <Th>Name</Th>
        {kind !== "clients" && <Th className="hidden lg:table-cell">{gapLabels[kind].detail}</Th>}
        <Th className="hidden sm:table-cell">{isIgnored ? "Note" : "Reason"}</Th>
        <Th className="text-right">
          <span className="sr-only">Actions</span>
        </Th>
      </tr>
    </thead>
    <tbody>
      {gaps.map((gap) => (
        <Tr key={gap.id}>
          <Td className="w-full max-w-0 sm:max-w-56">
            <Name kind={kind} gap={gap} />
            <span className="block text-xs text-ink-faint sm:hidden">
              {isIgnored ? gap.note : reasonLabel(gap.reason).text}
            </span>
          </Td>
          {kind !== "clients" && (
            <Td
              className="hidden max-w-56 truncate text-ink-muted lg:table-cell"
              title={gap.detail ?? undefined}
            >
              {gap.detail ?? <Absent />}
            </Td>
          )}
          <Td className="hidden sm:table-cell">
            {isIgnored ? (
              <div className="max-w-80">
                <p className="[overflow-wrap:anywhere]">{gap.note}</p>
                <p className="text-xs text-ink-faint">
                  {gap.ignoredBy}, <ExactTime at={gap.ignoredAt} />
                </p>
              </div>
            ) : (
              <Badge tone={reasonLabel(gap.reason).tone}>{reasonLabel(gap.reason).text}</Badge>
            )}
          </Td>
          <Td>
            <div className="flex flex-wrap items-center justify-end gap-2">
              {!isIgnored && <Action kind={kind} gap={gap} />}
              {mayWrite &&
                (isIgnored ? <Unignore kind={kind} gap={gap} /> : <Ignore kind={kind} gap={gap} />)}
            </div>
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

function Name({ kind, gap }: { kind: CoverageKind; gap: Gap }) {
  const to = kind === "assets" ? `/assets/${gap.id}` : kind === "clients" ? `/clients/${gap.id}` : undefined;
  return to === undefined ? (
    <span className="block truncate font-medium" title={gap.name}>
      {gap.name}
    </span>
  ) : (
    <Link to={to} prefetch="intent" className="block truncate font-medium hover:underline" title={gap.name}>
      {gap.name}
    </Link>
  );
}

const inDoubt = ["ambiguous", "waiting"];

/** A link to the page on which the gap can be closed. */
function Action({ kind, gap }: { kind: CoverageKind; gap: Gap }) {
  const connection =
    gap.provider === null || gap.connectionId === null
      ? undefined
      : { provider: gap.provider, id: gap.connectionId };
  switch (kind) {
    case "assets":
      return (
        <ButtonLink to={`/assets/${gap.id}`} size="sm">
          Open
        </ButtonLink>
      );
    case "clients":
      return (
        <ButtonLink to={`/clients/${gap.id}`} size="sm">
          Open
        </ButtonLink>
      );
    case "groups":
      return (
        connection && (
          <ButtonLink to={mappingPath(connection)} size="sm">
            Map
          </ButtonLink>
        )
      );
    case "devices":
      return (
        connection && (
          <ButtonLink
            to={
              inDoubt.includes(gap.reason)
                ? "/review/identity"
                : gap.reason === "ungrouped" || gap.reason === "superseded"
                  ? `${connectionPath(connection)}/devices`
                  : mappingPath(connection)
            }
            size="sm"
          >
            {inDoubt.includes(gap.reason)
              ? "Decide"
              : gap.reason === "ungrouped" || gap.reason === "superseded"
                ? "Show"
                : "Map"}
          </ButtonLink>
        )
      );
  }
}

const GapFields = ({ kind, gap }: { kind: CoverageKind; gap: Gap }) => (
  <>
    <input type="hidden" name="kind" value={kind} />
    <input type="hidden" name="gap" value={gap.id} />
  </>
);

const Ignore = ({ kind, gap }: { kind: CoverageKind; gap: Gap }) => (
  <AskButton
    label="Ignore"
    title={`Ignore ${gap.name}?`}
    text={<p>It leaves this list and its count, and is kept with your note under “Ignored”.</p>}
    answer={({ cancel, close }) => (
      <PostForm intent="ignore" onSubmit={close} className="mt-3">
        <GapFields kind={kind} gap={gap} />
        <Field label="Why it is ignored">
          <Input name="note" required maxLength={MAX_GAP_NOTE} autoComplete="off" />
        </Field>
        <DialogActions>
          {cancel}
          <SubmitButton intent="ignore">Ignore</SubmitButton>
        </DialogActions>
      </PostForm>
    )}
  />
);

const Unignore = ({ kind, gap }: { kind: CoverageKind; gap: Gap }) => (
  <PostForm intent="unignore">
    <GapFields kind={kind} gap={gap} />
    <SubmitButton intent="unignore" variant="secondary" size="sm">
      Show again
    </SubmitButton>
  </PostForm>
);
