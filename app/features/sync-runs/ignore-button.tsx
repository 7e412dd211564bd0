import { AskButton } from "~/ui/ask-button";
import { DialogActions } from "~/ui/dialog";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

/** The most characters of a note. */
export const MAX_NOTE = 500;

/** A button that asks for a reason and ignores a record. */
export const IgnoreButton = ({ issueId, name }: { issueId: string; name: string | null }) => (
  <AskButton
    label="Ignore"
    title={name === null ? "Ignore this record?" : `Ignore ${name}?`}
    text={
      <p>
        From the next sync on it no longer counts as failed, until it changes in the RMM. A device whose
        record is ignored counts as not listed. The connection’s page lists what is ignored.
      </p>
    }
    answer={({ cancel, close }) => (
      <PostForm intent="ignore" onSubmit={close} className="mt-3">
        <input type="hidden" name="issue" value={issueId} />
        <Field label="Why it is ignored">
          <Input name="note" required maxLength={MAX_NOTE} autoComplete="off" />
        </Field>
        <DialogActions>
          {cancel}
          <SubmitButton intent="ignore">Ignore</SubmitButton>
        </DialogActions>
      </PostForm>
    )}
  />
);
