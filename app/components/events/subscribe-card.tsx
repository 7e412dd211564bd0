import { publishedEvents, publishedEventWords } from "~/domain/published-events";

import { CopyLine } from "../integrations/webhook-secret";
import { Callout } from "../ui/callout";
import { Card, CardBody, CardHeader } from "../ui/card";
import { Checkbox, Field, Input } from "../ui/field";
import { PostForm, SubmitButton } from "../ui/form";

export interface SubscribeCardProps {
  errors: Partial<Record<string, string>>;
  url: string;
  /** Just made, in this answer and never again. */
  secret: string | undefined;
}

/** Has events sent to an address. */
export const SubscribeCard = ({ errors, url, secret }: SubscribeCardProps) => (
  <Card>
    <CardHeader
      title="Send events to an address"
      description="Each is posted as JSON with its ids, signed in X-Plumbline-Signature, and tried for 24 hours."
    />
    <CardBody className="space-y-4">
      {secret !== undefined && (
        <Callout tone="warn" alert title="Copy the signing secret now: it is not shown again">
          <div className="mt-2">
            <CopyLine label="signing secret" text={secret} />
          </div>
        </Callout>
      )}
      <PostForm intent="subscribe" className="space-y-4">
        <Field label="Address" error={errors["url"]}>
          <Input
            type="url"
            name="url"
            required
            defaultValue={url}
            placeholder="https://example.com/hooks/plumbline"
          />
        </Field>
        <fieldset>
          <legend className="text-sm font-medium">Events</legend>
          <div className="mt-1.5 grid gap-x-6 gap-y-1.5 sm:grid-cols-2">
            {publishedEvents.map((name) => (
              <label key={name} className="flex items-center gap-2 text-sm">
                <Checkbox
                  name={`event:${name}`}
                  defaultChecked={name === "RMM_SYNC_COMPLETED" || name === "RMM_SYNC_FAILED"}
                />
                {publishedEventWords[name]}
                <code className="font-mono text-xs text-ink-faint">{name}</code>
              </label>
            ))}
          </div>
          {errors["events"] !== undefined && <p className="mt-1.5 text-sm text-bad">{errors["events"]}</p>}
        </fieldset>
        <SubmitButton intent="subscribe">Send events there</SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);
