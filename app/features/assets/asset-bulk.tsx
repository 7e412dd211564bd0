import type { SerializeFrom } from "@remix-run/node";
import { useLocation } from "@remix-run/react";
import { useState } from "react";

import { bulkActions, type BulkAction } from "@domain/bulk-assets";
import { count } from "@domain/format";
import { BulkForm } from "~/ui/bulk-bar";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Field, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import type { Ticks } from "~/ui/ticks";

import { bulkLabels, leftOutText } from "./asset-labels";
import type { BulkPreview } from "./bulk.server";

/** The form that the rows' checkboxes belong to. */
export const ASSETS_FORM = "picked-assets";

/** The list's own address as the address of a form, so that filter and place stay. */
export function useListAction(): string {
  const params = new URLSearchParams(useLocation().search);
  params.delete("undo");
  return `/assets?index&${params}`;
}

export interface AssetBulkBarProps {
  ticks: Ticks;
  total: number;
  clients: { id: string; name: string }[];
}

/** Offers actions on the selected assets, other pages included, or on all that match. A preview follows. */
export function AssetBulkBar({ ticks, total, clients }: AssetBulkBarProps) {
  const [action, setAction] = useState<BulkAction>("move");
  const keys = [...ticks.ticked].filter((id) => !ticks.keys.includes(id));
  return (
    <BulkForm
      action={useListAction()}
      ticks={ticks}
      fitting={{ noun: "asset", total, mark: String(total) }}
      kept={{ name: "row", keys }}
      className="border-t-0"
    >
      {(isNothing) => (
        <span className="ml-auto flex flex-wrap items-center gap-2 max-sm:w-full">
          <Field label="What to do" labelHidden className="max-sm:flex-1">
            <Select
              name="do"
              value={action}
              onChange={(event) => setAction(event.currentTarget.value as BulkAction)}
              className="sm:w-44"
            >
              {bulkActions.map((one) => (
                <option key={one} value={one}>
                  {bulkLabels[one].option}
                </option>
              ))}
            </Select>
          </Field>
          {action === "move" && (
            <Field label="Client to move to" labelHidden className="max-sm:flex-1">
              <Select name="to" defaultValue="" className="sm:w-44">
                <option value="">No client</option>
                {clients.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            </Field>
          )}
          <SubmitButton
            intent="bulk-preview"
            name="intent"
            value="bulk-preview"
            variant="secondary"
            disabled={isNothing}
          >
            Continue
          </SubmitButton>
        </span>
      )}
    </BulkForm>
  );
}

export interface ShownPreview extends SerializeFrom<BulkPreview> {
  /** The selected rows, for the form that carries the action out; `null` for all that match. */
  rows: string[] | null;
}

/** What the action would do, with the button that carries it out. */
export function BulkPreviewCallout({ preview, onClose }: { preview: ShownPreview; onClose: () => void }) {
  const action = useListAction();
  const { assets, names, leftOut, rows, clientId } = preview;
  const labels = bulkLabels[preview.action];
  const others = assets - names.length;
  return (
    <Callout
      tone={labels.isFinal ? "warn" : "info"}
      alert
      className="mb-5"
      title={
        assets > 0 ? labels.title(count(assets, "asset"), preview.client ?? "no client") : "Nothing to do"
      }
      actions={
        <span className="flex flex-wrap gap-2">
          <Button size="sm" onClick={onClose}>
            Cancel
          </Button>
          {assets > 0 && (
            <PostForm action={action}>
              {rows === null && <input type="hidden" name="all" value="on" />}
              {rows?.map((id) => (
                <input key={id} type="hidden" name="row" value={id} />
              ))}
              <input type="hidden" name="do" value={preview.action} />
              <input type="hidden" name="to" value={clientId ?? ""} />
              <input type="hidden" name="expected" value={assets} />
              <SubmitButton intent={labels.intent} name="intent" value={labels.intent} size="sm">
                {labels.confirm}
              </SubmitButton>
            </PostForm>
          )}
        </span>
      }
    >
      {assets > 0 && (
        <p className="break-words">
          {names.join(", ")}
          {others > 0 && ` and ${count(others, "other")}`}. {labels.text}
        </p>
      )}
      {Object.entries(leftOut).map(([reason, n]) => (
        <p key={reason}>{leftOutText(reason, n)}</p>
      ))}
    </Callout>
  );
}

/** Offers to undo a bulk change. */
export const BulkUndoCallout = ({ undo }: { undo: { at: string; assets: number } }) => (
  <Callout
    tone="good"
    className="mb-5"
    actions={
      <PostForm intent="bulk-undo" action={useListAction()}>
        <input type="hidden" name="at" value={undo.at} />
        <SubmitButton intent="bulk-undo" variant="secondary" size="sm">
          Undo
        </SubmitButton>
      </PostForm>
    }
  >
    You changed {count(undo.assets, "asset")} together. What was changed since stays as it is.
  </Callout>
);
