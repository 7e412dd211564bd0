import type { ReactNode } from "react";

import { Card, CardBody, CardHeader } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";

import { CopyLine } from "./webhook-secret";
import {
  automationFields,
  automationForm,
  automationTemplate,
  EDIT_ME,
  SECRET_HEADER,
} from "./webhook-template";

/** The parts of a template that a person must edit. */
const editMe = new RegExp(`(${EDIT_ME}[^"]*)`);

const eventTypes = [
  "alert_active",
  "alert_resolved",
  "device_created",
  "device_updated",
  "device_deleted",
  "group_created",
  "group_updated",
  "group_deleted",
];

/**
 * Step-by-step instructions for both of Level's methods, in the words of Level's screens. A person may use either or
 * both.
 */
export const WebhookInstructions = ({ url }: { url: string }) => (
  <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
    <Card>
      <CardHeader
        title="Signed webhooks (recommended)"
        description="One webhook for the whole account. An administrator of the Level account sets it up."
      />
      <CardBody>
        <Steps>
          <li>
            In Level, open <Screen>Settings</Screen> → <Screen>Webhooks</Screen>, tab{" "}
            <Screen>Webhooks</Screen>, and add a webhook.
          </li>
          <li>
            <Name>URL</Name>
            <CopyLine label="address for the webhook" text={url} />
          </li>
          <li>
            <Name>Secret</Name>
            Paste the secret from above. Without it Level does not sign, and unsigned deliveries are refused.
            Level cannot show it again after saving.
          </li>
          <li>
            <Name>Events</Name>
            Choose <Screen>Send all event types</Screen>, or these:
            <span className="mt-1.5 flex flex-wrap gap-1">
              {eventTypes.map((type) => (
                <code key={type} className="rounded bg-sunken px-1.5 py-0.5 font-mono text-xs">
                  {type}
                </code>
              ))}
            </span>
          </li>
          <li>
            Save. The next alert ticks “Signed webhooks” above. What Level sent, and our answers, are in its
            tab <Screen>Requests</Screen>, where a delivery can be run again.
          </li>
        </Steps>
      </CardBody>
    </Card>
    <Card>
      <CardHeader
        title="An automation’s HTTP request"
        description="For accounts without signed webhooks, or to report only chosen alerts. One action per alert."
      />
      <CardBody>
        <Steps>
          <li>
            In Level, open <Screen>Automations</Screen> and the automation that the alert starts; add an
            action <Screen>HTTP request</Screen>.
          </li>
          <li>
            <Name>Method</Name>
            <Screen>POST</Screen>
          </li>
          <li>
            <Name>URL</Name>
            <CopyLine label="address for the automation" text={url} />
          </li>
          <li>
            <Name>Headers</Name>
            Name:
            <CopyLine label="header name" text={SECRET_HEADER} />
            <span className="mt-1 block">Value: the secret from above.</span>
          </li>
          <li>
            <Name>Body: form fields</Name>
            Level fills in the double braces. It has no variables for the alert itself: replace what is
            marked, with the alert’s name as its monitor has it, so that it is known as the same alert.
            <FormFields event="alert.triggered" />
            <details className="mt-2">
              <summary className={summary}>The fields for when the alert is resolved</summary>
              <FormFields event="alert.resolved" />
            </details>
            <details className="mt-2">
              <summary className={summary}>The same as JSON</summary>
              <p className="mt-2">
                A quote, a line break or a backslash in a name breaks it: what can be repaired is, and marked
                in the log. Form fields do not break.
              </p>
              <Template event="alert.triggered" />
              <Template event="alert.resolved" />
            </details>
          </li>
          <li>Switch on retries, so that nothing is lost while this server restarts.</li>
        </Steps>
      </CardBody>
    </Card>
  </div>
);

const summary = "w-fit rounded-sm text-sm font-medium text-accent hover:underline";

interface EventProps {
  event: Parameters<typeof automationTemplate>[0];
}

function FormFields({ event }: EventProps) {
  return (
    <div className="mt-2 space-y-2">
      <dl className="divide-y divide-line rounded-md border border-line bg-sunken px-3 text-xs">
        {automationFields(event).map(([name, value]) => (
          <div key={name} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
            <dt className="w-24 font-mono">{name}</dt>
            <dd className="min-w-0 flex-1 font-mono break-words">
              <Marked text={value} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="flex flex-wrap items-center gap-2">
        Where the body is one text:
        <CopyButton text={automationForm(event)} label={`Copy the form body for ${event}`} />
      </p>
    </div>
  );
}

function Template({ event }: EventProps) {
  const text = automationTemplate(event);
  return (
    <div className="relative mt-2">
      <pre
        aria-label={`JSON body for ${event}`}
        tabIndex={0}
        className="overflow-x-auto rounded-md border border-line bg-sunken p-3 pr-20 font-mono text-xs"
      >
        {text.split(editMe).map((part) => (
          <Marked key={part} text={part} />
        ))}
      </pre>
      <div className="absolute top-2 right-2">
        <CopyButton text={text} label={`Copy the JSON body for ${event}`} />
      </div>
    </div>
  );
}

const Marked = ({ text }: { text: string }) =>
  text.startsWith(EDIT_ME) ? <mark className="rounded bg-warn-soft px-1 text-ink">{text}</mark> : text;

const Steps = ({ children }: { children: ReactNode }) => (
  <ol className="list-decimal space-y-4 pl-5 text-sm text-ink-muted marker:font-medium marker:text-ink-faint">
    {children}
  </ol>
);

const Name = ({ children }: { children: ReactNode }) => (
  <span className="mb-1 block font-medium text-ink">{children}</span>
);

const Screen = ({ children }: { children: ReactNode }) => (
  <strong className="font-medium text-ink">{children}</strong>
);
