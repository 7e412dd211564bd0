import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

/** The time zone of windows and rules. */
export const TimeZoneCard = ({ timeZone, error }: { timeZone: string; error: string | undefined }) => (
  <Card>
    <CardHeader
      title="Time zone"
      description="Windows and the hours of rules use this time zone, daylight saving included."
    />
    <PostForm intent="time-zone" stored={timeZone}>
      <CardBody>
        <Field label="Time zone" hint="For example Europe/Berlin or America/New_York." error={error}>
          <Input name="timeZone" defaultValue={timeZone} required list="time-zones" autoComplete="off" />
        </Field>
        <datalist id="time-zones">
          {Intl.supportedValuesOf("timeZone").map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </CardBody>
      <CardFooter>
        <SubmitButton intent="time-zone" variant="secondary">
          Save
        </SubmitButton>
      </CardFooter>
    </PostForm>
  </Card>
);
