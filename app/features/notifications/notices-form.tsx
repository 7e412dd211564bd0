import type { SerializeFrom } from "@remix-run/node";

import { alertSeverities } from "@domain/alert-words";
import { noticePaces } from "@domain/notice-choice";
import { Boxes } from "~/features/alert-conditions/condition-fields";
import { PickMany } from "~/features/alert-conditions/pick-many";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { severityLabels } from "~/ui/labels";

import { noticeKindLabels, paceLabels } from "./labels";
import type { OwnNotices } from "./own-notices.server";

export interface NoticesFormProps {
  notices: SerializeFrom<OwnNotices>;
  email: string;
  errors: Partial<Record<string, string>>;
}

/** Which notices a person gets by e-mail, and when. */
export const NoticesForm = ({
  notices: { choice, isChosen, timeZone, clients },
  email,
  errors,
}: NoticesFormProps) => (
  <Card>
    <PostForm intent="save" stored={JSON.stringify(choice)} preventScrollReset>
      <CardHeader
        title="E-mails to you"
        description={
          isChosen
            ? `Sent to ${email}.`
            : `Sent to ${email}. You have not chosen yet: you are sent what the list of recipients says.`
        }
      />
      <CardBody className="space-y-5">
        <Field
          label="When"
          error={errors["pace"]}
          hint={`By the clock of your company's time zone, ${timeZone}.`}
        >
          <Select name="pace" defaultValue={choice.pace}>
            {noticePaces.map((pace) => (
              <option key={pace} value={pace}>
                {paceLabels[pace]}
              </option>
            ))}
          </Select>
        </Field>
        <Boxes
          label="What about (nothing ticked: everything)"
          name="kind"
          ticked={choice.kinds}
          choices={Object.entries(noticeKindLabels)}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Severity of incidents" error={errors["severity"]}>
            <Select name="severity" defaultValue={choice.severity ?? ""}>
              <option value="">Any severity</option>
              {alertSeverities
                .filter((severity) => severity !== "none")
                .map((severity) => (
                  <option key={severity} value={severity}>
                    {severityLabels[severity].text}
                    {severity === "critical" ? " only" : " and worse"}
                  </option>
                ))}
            </Select>
          </Field>
          <PickMany
            label="Incidents of clients"
            noun="client"
            name="client"
            choices={clients}
            picked={choice.clientIds}
          />
        </div>
      </CardBody>
      <CardFooter>
        <SubmitButton intent="save">Save</SubmitButton>
      </CardFooter>
    </PostForm>
  </Card>
);
