import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count, formatNumber } from "@domain/format";
import { AskButton } from "~/ui/ask-button";
import type { ButtonProps } from "~/ui/button";
import { DialogActions } from "~/ui/dialog";
import { PostForm, SubmitButton } from "~/ui/form";

import { approvalTexts, kindLabels, rejectionTexts } from "./held-labels";
import type { HeldPage } from "./review.page.server";

type Group = SerializeFrom<HeldPage>["groups"][number];

interface HeldGroupsProps {
  groups: Group[];
  /** The other filters of the page, which also apply to the groups. */
  others: { q: string; run: string };
  mayDecide: boolean;
}

/** The pending changes by kind, connection and client. A person can decide each group at once, or open it. */
export const HeldGroups = ({ groups, others, mayDecide }: HeldGroupsProps) => (
  <ul aria-label="Held changes by client" className="border-b border-line">
    {groups.map((group) => {
      const query = queryOf(group, others);
      const client = group.client ?? "Without a client";
      const what = kindLabels[group.kind][group.n === 1 ? "one" : "many"].toLowerCase();
      return (
        <li
          key={query}
          className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-2.5 text-sm first:border-t-0"
        >
          <div className="min-w-0 flex-1 basis-52">
            <Link to={`/review?${query}`} className="font-medium break-words hover:underline">
              {client}: {formatNumber(group.n)} {what}
            </Link>
            <span className="block truncate text-xs text-ink-faint">{group.integration}</span>
          </div>
          {mayDecide && (
            <div className="flex gap-1.5">
              <Decide group={group} query={query} intent="approve" label="Approve all" variant="primary" />
              <Decide group={group} query={query} intent="reject" label="Reject all" />
            </div>
          )}
        </li>
      );
    })}
  </ul>
);

function queryOf(group: Group, { q, run }: HeldGroupsProps["others"]): string {
  const query = new URLSearchParams({
    kind: group.kind,
    integration: group.connectionId,
    client: group.clientId ?? "none",
  });
  if (q !== "") query.set("q", q);
  if (run !== "") query.set("run", run);
  return query.toString();
}

interface DecideProps {
  group: Group;
  query: string;
  intent: "approve" | "reject";
  label: string;
  variant?: ButtonProps["variant"];
}

/** Asks, then decides the whole group as shown. */
function Decide({ group, query, intent, label, variant = "secondary" }: DecideProps) {
  const { client, n } = group;
  const verb = intent === "approve" ? "Approve" : "Reject";
  const changes = `${verb} ${count(n, "change")}`;
  const texts = intent === "approve" ? approvalTexts(group) : rejectionTexts(group);
  return (
    <AskButton
      label={
        <>
          {label}
          <span className="sr-only">
            {" "}
            of {client ?? "assets without a client"}: {kindLabels[group.kind].many.toLowerCase()}
          </span>
        </>
      }
      variant={variant}
      title={`${changes}${client === null ? "" : ` of ${client}`}?`}
      text={
        <ul className="space-y-1.5">
          {texts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      }
      answer={({ cancel, close }) => (
        <PostForm
          action={`/review?index&group=${group.mark}&${query}`}
          intent={intent}
          preventScrollReset
          onSubmit={close}
        >
          <DialogActions>
            {cancel}
            <SubmitButton>{changes}</SubmitButton>
          </DialogActions>
        </PostForm>
      )}
    />
  );
}
