import { Card, CardBody, CardHeader } from "~/ui/card";
import { Field, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

export interface RecipientsCardProps {
  emails: string[];
  version: string;
  error: string | undefined;
  /** The refused input; undefined if the form was not refused. */
  typed: string | undefined;
}

/** The recipients of notifications. */
export const RecipientsCard = ({ emails, version, error, typed }: RecipientsCardProps) => (
  <Card>
    <CardHeader
      title="Recipients"
      description="Notified when a connection fails, works again, is paused, needs a new key, or holds changes back: once each time, not at every sync. Also of incidents, where a rule says so, and when maintenance ends with incidents open."
    />
    <CardBody>
      <PostForm intent="save-recipients" stored={emails.join()} className="space-y-3" preventScrollReset>
        <input type="hidden" name="version" value={version} />
        <Field
          label="E-mail addresses"
          optional
          hint="One a line, or with commas between. Leave it empty to notify every administrator who can sign in."
          error={error}
        >
          <Textarea
            name="recipients"
            defaultValue={typed ?? emails.join("\n")}
            spellCheck={false}
            autoComplete="off"
          />
        </Field>
        <SubmitButton intent="save-recipients">Save</SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);
