import type { SerializeFrom } from "@remix-run/node";

import { publishedEvents, publishedEventLabels, type PublishedEvent } from "@domain/published-events";
import { CopyLine } from "~/features/webhooks/webhook-secret";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { Checkbox, Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { Outgoing } from "./events.page.server";

export interface FormState {
  errors: Partial<Record<string, string>>;
  /** What was entered, if the form was refused. */
  typed: Record<string, string> | undefined;
}

/** A new signing secret, only in the answer that made it. */
export const NewSecret = ({ secret }: { secret: string }) => (
  <Callout tone="warn" alert title="Copy the signing secret now: it is not shown again">
    <div className="mt-2">
      <CopyLine label="signing secret" text={secret} />
    </div>
  </Callout>
);

/** The form that subscribes an address. */
export const SubscribeCard = (state: FormState) => (
  <Card>
    <CardHeader
      title="Send events to an address"
      description="Each is posted as JSON with its ids, signed in X-Plumbline-Signature, and tried for 24 hours."
    />
    <CardBody>
      <PostForm intent="subscribe" asksBeforeLeaving className="space-y-4">
        <SubscriptionFields {...state} url="" eventNames={["RMM_SYNC_COMPLETED", "RMM_SYNC_FAILED"]} />
        <SubmitButton intent="subscribe">Send events there</SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);

type Subscription = SerializeFrom<Outgoing>["subscriptions"][number];

/** The form that changes a subscription. */
export const EditCard = ({ subscription, ...state }: FormState & { subscription: Subscription }) => {
  const { id, url, eventNames, version } = subscription;
  return (
    <Card>
      <CardHeader
        title="Edit webhook"
        description="The signing secret stays the same. What waits goes to the address that is saved here."
      />
      <CardBody>
        {state.errors["form"] !== undefined && (
          <Callout tone="bad" alert className="mb-4">
            {state.errors["form"]}
          </Callout>
        )}
        <PostForm intent="change" stored={version} className="space-y-4">
          <input type="hidden" name="id" value={id} />
          <input type="hidden" name="version" value={version} />
          <SubscriptionFields {...state} url={url} eventNames={eventNames} />
          <div className="flex flex-wrap gap-2">
            <SubmitButton intent="change">Save</SubmitButton>
            <ButtonLink to="/events/webhooks" variant="secondary">
              Cancel
            </ButtonLink>
          </div>
        </PostForm>
      </CardBody>
      <CardFooter>
        <ConfirmButton
          intent="renew"
          fields={{ id }}
          label="Make a new signing secret"
          title="Make a new signing secret?"
          confirm="Make a new secret"
        >
          What is sent from now on is signed with it: a receiver that still knows the former one refuses it.
        </ConfirmButton>
      </CardFooter>
    </Card>
  );
};

const SubscriptionFields = ({
  errors,
  typed,
  url,
  eventNames,
}: FormState & { url: string; eventNames: readonly PublishedEvent[] }) => (
  <>
    <Field label="Address" error={errors["url"]}>
      <Input
        type="url"
        name="url"
        required
        defaultValue={typed?.["url"] ?? url}
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
              defaultChecked={
                typed === undefined ? eventNames.includes(name) : typed[`event:${name}`] === "on"
              }
            />
            {publishedEventLabels[name]}
            <code className="font-mono text-xs text-ink-faint">{name}</code>
          </label>
        ))}
      </div>
      {errors["events"] !== undefined && <p className="mt-1.5 text-sm text-bad">{errors["events"]}</p>}
    </fieldset>
  </>
);
