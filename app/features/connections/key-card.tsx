import type { SerializeFrom } from "@remix-run/node";
import { useRef } from "react";

import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { Field } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { useOnChange } from "~/ui/on-change";
import { RelativeTime } from "~/ui/time";

import type { TestConnectionOutcome } from "./check-setup.server";
import { KeyInput } from "./connect-form";
import type { ConnectionSettings } from "./integrations.page.server";
import type { FormProblem } from "~/platform/http/form.server";

export interface KeyCardProps {
  apiKey: SerializeFrom<ConnectionSettings>["key"];
  isDisconnected: boolean;
  mayManage: boolean;
  mayTest: boolean;
  refusal: FormProblem | undefined;
  test: TestConnectionOutcome | undefined;
}

/** The stored key: its last characters, whether it works, and a form that replaces it. */
export function KeyCard({ apiKey, isDisconnected, mayManage, mayTest, refusal, test }: KeyCardProps) {
  const details = useRef<HTMLDetailsElement>(null);
  const summary = useRef<HTMLElement>(null);
  useOnChange(apiKey.savedAt, () => {
    // Clears the field after a new key was saved.
    if (details.current === null) return;
    if (details.current.contains(document.activeElement)) summary.current?.focus();
    details.current.open = false;
  });
  const error = refusal?.errors.apiKey;
  const form = (
    <PostForm intent="replace-key" preventScrollReset className="space-y-3">
      <Field
        label={isDisconnected ? "API key" : "New API key"}
        hint="Tested against Level before it is stored. Mappings, assets and history stay as they are."
        error={error}
      >
        <KeyInput />
      </Field>
      <SubmitButton intent="replace-key">
        {isDisconnected ? "Test and connect again" : "Test and save"}
      </SubmitButton>
    </PostForm>
  );
  return (
    <Card>
      <CardHeader
        title="API key"
        description={
          isDisconnected ? "No key is stored. A new one takes everything up again where it was." : undefined
        }
        actions={
          mayTest &&
          !isDisconnected && (
            <PostForm intent="test" preventScrollReset>
              <SubmitButton intent="test" variant="secondary" size="sm">
                Test connection
              </SubmitButton>
            </PostForm>
          )
        }
      />
      <CardBody className="space-y-4">
        {test?.state === "ok" && (
          <Callout tone="good" alert>
            Level answered in {test.tookMs} ms and took the key.
          </Callout>
        )}
        {test?.state === "failed" && (
          <Callout tone="bad" alert title={test.message}>
            {test.hint} Nothing was changed by this test.
          </Callout>
        )}
        {!isDisconnected && (
          <Facts>
            <Fact name="Key">
              <span className="font-mono">
                <span aria-hidden>••••••••</span>
                <span className="sr-only">ends in </span>
                {apiKey.lastCharacters}
              </span>
            </Fact>
            <Fact name="Saved">
              <RelativeTime at={apiKey.savedAt} />
            </Fact>
            <Fact name="Level's address">
              <span className="break-all">{apiKey.instanceUrl}</span>
            </Fact>
          </Facts>
        )}
        {mayManage &&
          (isDisconnected ? (
            form
          ) : (
            <details ref={details} open={error !== undefined} className="group">
              <summary
                ref={summary}
                className="w-fit rounded-sm text-sm font-medium text-accent hover:underline"
              >
                Replace the key
              </summary>
              <div className="mt-3">{form}</div>
            </details>
          ))}
      </CardBody>
    </Card>
  );
}
