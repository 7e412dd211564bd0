import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { PostForm, SubmitButton } from "~/ui/form";

import type { TestMailOutcome } from "./settings.server";

export interface MailCardProps {
  /** The sender's address; null if no mail server is configured. */
  from: string | null;
  /** The current recipients. */
  recipients: string[];
  /** The result of the test that was just requested; undefined if none was. */
  test: TestMailOutcome | undefined;
}

/** Whether e-mails can be sent, and a button that tests it. */
export const MailCard = ({ from, recipients, test }: MailCardProps) => (
  <Card>
    <CardHeader title="E-mail" description={from === null ? undefined : `Sent as ${from}.`} />
    <CardBody className="space-y-3">
      {from === null ? (
        <Callout tone="warn" title="No e-mails are sent">
          No mail server is set up for this installation: whoever runs it sets <Code>SMTP_URL</Code> and{" "}
          <Code>MAIL_FROM</Code> and starts it again. Until then what would be sent is only listed below.
        </Callout>
      ) : (
        <>
          <p className="text-sm text-ink-muted">
            Goes to <span className="break-words text-ink">{recipients.join(", ")}</span>.
          </p>
          <PostForm intent="test" preventScrollReset>
            <SubmitButton intent="test" variant="secondary">
              Send a test e-mail
            </SubmitButton>
          </PostForm>
        </>
      )}
      {test !== undefined && <TestResult test={test} />}
    </CardBody>
  </Card>
);

const Code = ({ children }: { children: string }) => <code className="font-mono text-xs">{children}</code>;

function TestResult({ test }: { test: TestMailOutcome }) {
  switch (test.state) {
    case "no_server":
      return null;
    case "failed":
      return (
        <Callout tone="bad" alert title={`Not sent: ${test.reason}`}>
          {test.hint}
        </Callout>
      );
    case "sent": {
      const taken = test.to.filter((address) => !test.refused.includes(address));
      return (
        <Callout
          tone={test.refused.length === 0 ? "good" : "warn"}
          alert
          title={`The mail server accepted it for ${taken.join(", ")}`}
        >
          {test.refused.length === 0
            ? "If it does not arrive in a minute or two, look in the spam folder."
            : `It refused it for ${test.refused.join(", ")}.`}
        </Callout>
      );
    }
  }
}
