import { count } from "@domain/format";
import { graceLimits } from "@domain/grace";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { FormProblem } from "~/platform/http/form.server";

interface GoneCardProps {
  graceDays: number;
  version: string;
  mayManage: boolean;
  refusal: FormProblem | undefined;
}

/** The setting of how many days a device may be gone before its asset is retired. */
export const GoneCard = ({ graceDays, version, mayManage, refusal }: GoneCardProps) => (
  <Card>
    <CardHeader
      title="Devices that are gone"
      description={`An asset whose device Level does not list any more is marked as gone${
        graceDays === 0 ? " and retired within the hour" : `, and retired after ${count(graceDays, "day")}`
      }. Retired assets are not counted as current; one that is seen again comes back.`}
    />
    {mayManage && (
      <CardBody>
        <PostForm
          intent="grace"
          preventScrollReset
          stored={graceDays}
          className="flex flex-wrap items-end gap-x-4 gap-y-3"
        >
          <input type="hidden" name="version" value={version} />
          <Field label="Days until it is retired" error={refusal?.errors.graceDays}>
            <Input
              type="number"
              name="graceDays"
              min={graceLimits.min}
              max={graceLimits.max}
              step={1}
              required
              defaultValue={refusal?.values.graceDays ?? graceDays}
              className="w-44"
            />
          </Field>
          <SubmitButton intent="grace" variant="secondary">
            Save
          </SubmitButton>
        </PostForm>
      </CardBody>
    )}
  </Card>
);
