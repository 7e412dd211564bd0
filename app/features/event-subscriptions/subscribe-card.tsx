import type { SerializeFrom } from "@remix-run/node";

import { chatEvents, type SubscriptionFormat } from "@domain/chat-messages";
import { publishedEvents, publishedEventLabels, type PublishedEvent } from "@domain/published-events";
import { CopyLine } from "~/features/webhooks/webhook-secret";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { Checkbox, Field, Input, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { Outgoing } from "./events.page.server";

export interface FormState {
  errors: Partial<Record<string, string>>;
  /** The values of a refused form. */
  typed: Record<string, string> | undefined;
}

/** A new signing secret, shown only in the answer that created it. */
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
      description="Each is posted as JSON in the Standard Webhooks format, signed, and tried for 24 hours."
    />
    <CardBody>
      <PostForm intent="subscribe" asksBeforeLeaving className="space-y-4">
        <SubscriptionFields {...state} url="" eventNames={["RMM_SYNC_COMPLETED", "RMM_SYNC_FAILED"]} />
        <SubmitButton intent="subscribe">Send events there</SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);

/** The form that adds a chat channel, to which messages about incidents are posted. */
export const ChannelCard = ({ errors, typed }: FormState) => (
  <Card>
    <CardHeader
      title="Post incidents to a channel"
      description="One message for each incident, however many alerts and devices it has. The address is kept sealed and not shown again."
    />
    <CardBody>
      <PostForm intent="add_channel" asksBeforeLeaving className="space-y-4">
        <Field label="Channel of">
          <Select name="format" defaultValue={typed?.["format"] ?? "slack"} className="sm:w-60">
            <option value="slack">Slack (incoming webhook)</option>
            <option value="teams">Microsoft Teams (workflow)</option>
          </Select>
        </Field>
        <Field label="Webhook address of the channel" error={errors["channel"]}>
          <Input
            type="url"
            name="channel"
            required
            autoComplete="off"
            placeholder="https://hooks.slack.com/services/…"
          />
        </Field>
        <EventBoxes
          names={chatEvents}
          error={errors["channelEvents"]}
          isOn={(name) =>
            typed === undefined ? name === "INCIDENT_OPENED" : typed[`event:${name}`] === "on"
          }
        />
        <SubmitButton intent="add_channel">Post there</SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);

type Subscription = SerializeFrom<Outgoing>["subscriptions"][number];

/** The form that changes a subscription. */
export const EditCard = ({ subscription, ...state }: FormState & { subscription: Subscription }) => {
  const { id, url, format, eventNames, includesRecord, hasLegacySignature, version } = subscription;
  const isChannel = format !== "json";
  return (
    <Card>
      <CardHeader
        title={isChannel ? "Edit channel" : "Edit webhook"}
        description={
          isChannel
            ? "Its address stays the same: to post elsewhere, add that channel and remove this one."
            : "The signing secret stays the same. What waits goes to the address that is saved here."
        }
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
          <SubscriptionFields
            {...state}
            url={url}
            format={format}
            eventNames={eventNames}
            includesRecord={includesRecord}
          />
          <div className="flex flex-wrap gap-2">
            <SubmitButton intent="change">Save</SubmitButton>
            <ButtonLink to="/events/webhooks" variant="secondary">
              Cancel
            </ButtonLink>
          </div>
        </PostForm>
      </CardBody>
      {!isChannel && (
        <CardFooter>
          <ConfirmButton
            intent="renew"
            fields={{ id }}
            label="Make a new signing secret"
            title="Make a new signing secret?"
            confirm="Make a new secret"
          >
            For 24 hours events are signed with both, in webhook-signature. X-Plumbline-Signature, where it is
            still sent, has the new one at once.
          </ConfirmButton>
          {hasLegacySignature && (
            <ConfirmButton
              intent="drop_legacy"
              fields={{ id }}
              label="Stop the legacy signature"
              title="Stop sending X-Plumbline-Signature?"
              confirm="Stop sending it"
            >
              The receiver has to check webhook-signature by then, as Standard Webhooks has it.
            </ConfirmButton>
          )}
        </CardFooter>
      )}
    </Card>
  );
};

const SubscriptionFields = ({
  errors,
  typed,
  url,
  format = "json",
  eventNames,
  includesRecord = false,
}: FormState & {
  url: string;
  format?: SubscriptionFormat;
  eventNames: readonly PublishedEvent[];
  includesRecord?: boolean;
}) => (
  <>
    {format === "json" && (
      <Field label="Address" error={errors["url"]}>
        <Input
          type="url"
          name="url"
          required
          defaultValue={typed?.["url"] ?? url}
          placeholder="https://example.com/hooks/plumbline"
        />
      </Field>
    )}
    {format === "json" && (
      <label className="flex items-center gap-2 text-sm">
        <Checkbox
          name="record"
          defaultChecked={typed === undefined ? includesRecord : typed["record"] === "on"}
        />
        Send names with the ids: severity, client, device and a link
      </label>
    )}
    <EventBoxes
      names={format === "json" ? publishedEvents : chatEvents}
      error={errors["events"]}
      isOn={(name) => (typed === undefined ? eventNames.includes(name) : typed[`event:${name}`] === "on")}
    />
  </>
);

const EventBoxes = ({
  names,
  isOn,
  error,
}: {
  names: readonly PublishedEvent[];
  isOn: (name: PublishedEvent) => boolean;
  error: string | undefined;
}) => (
  <fieldset>
    <legend className="text-sm font-medium">Events</legend>
    <div className="mt-1.5 grid gap-x-6 gap-y-1.5 sm:grid-cols-2">
      {names.map((name) => (
        <label key={name} className="flex items-start gap-2 text-sm">
          <Checkbox name={`event:${name}`} defaultChecked={isOn(name)} className="mt-0.5" />
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            {publishedEventLabels[name]}
            <code className="font-mono text-xs break-all text-ink-faint">{name}</code>
          </span>
        </label>
      ))}
    </div>
    {error !== undefined && <p className="mt-1.5 text-sm text-bad">{error}</p>}
  </fieldset>
);
