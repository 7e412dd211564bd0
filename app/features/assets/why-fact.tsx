import { Link } from "@remix-run/react";
import { CircleHelp } from "lucide-react";
import type { ReactNode } from "react";

import { fieldRule, type FieldRule } from "@domain/field-origin";
import { changeLabel, changeText } from "~/features/asset-history/change-labels";
import { Fact } from "~/ui/card";
import { syncTypeLabels } from "~/ui/labels";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { Detail } from "./asset-detail";
import { obstacleText, valueText } from "./field-labels";

interface WhyFactProps {
  detail: Detail;
  /** The field's name in the history. */
  field: string;
  name?: string;
  /** The value as it is stored, if the shown one may be a placeholder. */
  value?: unknown;
  children: ReactNode;
}

/** A fact that discloses its origin: the RMM's value, the rule, and the run or person that wrote it. */
export const WhyFact = ({ detail, field, name = changeLabel(field), value, children }: WhyFactProps) => (
  <Fact
    name={name}
    className="relative pr-6"
    more={
      detail.devices.length + detail.asset.overriddenFields.length > 0 && (
        <details className="text-xs text-ink-muted">
          <summary
            title="Why is this value here?"
            className="absolute top-0 right-0 grid size-6 cursor-pointer list-none place-items-center rounded-sm text-ink-faint hover:text-ink [&::-webkit-details-marker]:hidden"
          >
            <CircleHelp aria-hidden className="size-3.5" />
            <span className="sr-only">Why is this value here? {name}</span>
          </summary>
          <Chain detail={detail} field={field} value={value} />
        </details>
      )
    }
  >
    {children}
  </Fact>
);

/** The key in `reported` of each field that people can override. */
const reportedKeys: Record<string, "name" | "assetType" | "location" | "clientId"> = {
  name: "name",
  type: "assetType",
  location: "location",
  client: "clientId",
};

function Chain({ detail, field, value }: Pick<WhyFactProps, "detail" | "field" | "value">) {
  const { asset, devices, writers } = detail;
  const device = devices[0];
  const key = reportedKeys[field];
  const reported = key === undefined ? undefined : device?.reported?.[key];
  const rule = fieldRule(field, {
    hasDevice: device !== undefined,
    isUndone: Object.hasOwn(asset.undone, field),
    overriddenFields: asset.overriddenFields,
    value,
    reported,
    blank: device?.reported?.blank,
  });
  const writer = writers.find((row) => row.field === field);
  return (
    <ol className="mt-1 mb-1.5 list-decimal space-y-1 rounded-md bg-sunken py-2 pr-2 pl-6 [overflow-wrap:anywhere]">
      {device !== undefined && rule !== "counted" && rule !== "own" && (
        <li>
          {providerValue(detail, field, rule, value)}, as of <RelativeTime at={device.observedAt} />.
        </li>
      )}
      <li>{ruleTexts[rule]}</li>
      <li>
        {writer === undefined ? (
          <>
            There since the asset was {device === undefined ? "added" : "first synced"} on{" "}
            <ExactTime at={asset.createdAt} />.
          </>
        ) : (
          <>
            Written by{" "}
            {writer.actor ??
              (writer.runId === null ? (
                "Plumbline"
              ) : (
                <Link to={`/runs/${writer.runId}/changes`} className="text-accent hover:underline">
                  {syncTypeLabels[writer.runType!]} sync
                </Link>
              ))}{" "}
            on <ExactTime at={writer.changedAt} />.
          </>
        )}
      </li>
    </ol>
  );
}

/** The RMM's value as a sentence: "Level says PC-1". */
function providerValue(detail: Detail, field: string, rule: FieldRule, value: unknown): string {
  const device = detail.devices[0];
  const held = detail.held.find((row) => row.field === field);
  if (held !== undefined)
    return held.obstacle === null
      ? `Level says ${valueText(held.field, held.theirs) ?? "nothing"}`
      : obstacleText(held.obstacle, held.theirs);
  if (rule === "keptOverBlank") return "Level says nothing";
  if (rule === "undone" && field !== "client")
    return `Level says ${changeText(field, detail.asset.undone[field], new Map()) ?? "nothing"}`;
  if (field === "client") return `Level's group leads to ${device?.reportedClient ?? "no client"}`;
  const key = reportedKeys[field];
  const reported = key === undefined ? undefined : device?.reported?.[key];
  if (reported === undefined)
    return value === null || value === undefined ? "Level says nothing" : "Level says the same";
  return reported === null
    ? "Level says nothing"
    : `Level says ${field === "type" ? valueText("type", reported) : reported}`;
}

const ruleTexts: Record<FieldRule, string> = {
  byHand: "No RMM knows this asset: the value was entered by hand.",
  overridden: "A person set this field, so no sync overwrites it.",
  undone:
    "A sync that wrote Level's value was undone: no sync writes it again until Level says something else.",
  own: "No RMM reports this field: it is yours alone.",
  pending: "The change is under review: until somebody decides, the former value stays.",
  keptOverBlank: "A blank never wipes a value: the last one that was known is kept.",
  placeholder: "Taken from Level, but it is a placeholder of many machines: no machine is recognised by it.",
  counted: "Counted from the updates that Level lists as available for this device.",
  followed: "Taken from Level: each sync that finds another value writes it here.",
};
