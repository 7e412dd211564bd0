import { MERGE_UNDO_DAYS } from "@domain/client-merge";
import { count } from "@domain/format";
import { AskButton } from "~/ui/ask-button";
import { Callout } from "~/ui/callout";
import { Card, CardHeader } from "~/ui/card";
import { DialogActions } from "~/ui/dialog";
import { Field, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { ExactTime } from "~/ui/time";

export interface MergeCardProps {
  name: string;
  /** The number of assets that would move, gone ones included; `groups` is the number of mapped groups. */
  assets: number;
  groups: number;
  others: { id: string; name: string }[];
  error: string | undefined;
}

/** Merges this client into another one, after a question that says what would move. */
export const MergeCard = ({ name, assets, groups, others, error }: MergeCardProps) => (
  <Card>
    <CardHeader
      title="Merge into another client"
      description={
        <>
          All assets and mapped groups of {name} move there, and {name} is archived.
          {error !== undefined && (
            <span role="alert" className="mt-1 block text-bad">
              {error}
            </span>
          )}
        </>
      }
      actions={
        <AskButton
          label="Merge…"
          variant="danger-quiet"
          title={`Merge ${name} into another client?`}
          text={`${count(assets, "asset")} and ${count(groups, "mapped group")} move to the client you choose, and ${name} is archived. You can undo this for ${MERGE_UNDO_DAYS} days.`}
          answer={({ cancel, close }) => (
            <PostForm intent="merge" onSubmit={close} className="mt-3 space-y-4">
              <Field label="Client">
                <Select name="into" defaultValue="" required>
                  <option value="" disabled>
                    Choose a client
                  </option>
                  {others.map((other) => (
                    <option key={other.id} value={other.id}>
                      {other.name}
                    </option>
                  ))}
                </Select>
              </Field>
              <DialogActions>
                {cancel}
                <SubmitButton intent="merge" variant="danger">
                  Merge
                </SubmitButton>
              </DialogActions>
            </PostForm>
          )}
        />
      }
    />
  </Card>
);

export interface UndoMergeProps {
  id: string;
  /** Whether another client was merged into the shown one, or the shown one into another. */
  isInto: boolean;
  assets: number;
  groups: number;
  mergedBy: string;
  until: string;
}

/** A merge that can be undone. */
export const UndoMerge = ({ id, isInto, assets, groups, mergedBy, until }: UndoMergeProps) => (
  <Callout
    tone="info"
    className="mb-5"
    title={isInto ? "A client was merged into this one" : "This client was merged into another one"}
  >
    <p>
      {mergedBy} moved {count(assets, "asset")} and {count(groups, "group")}. It can be undone until{" "}
      <ExactTime at={until} />; what was moved on since stays where it is.
    </p>
    <PostForm intent="undo-merge" className="mt-2">
      <input type="hidden" name="merge" value={id} />
      <SubmitButton intent="undo-merge" variant="secondary" size="sm">
        Undo the merge
      </SubmitButton>
    </PostForm>
  </Callout>
);
