import { Badge } from "~/ui/badge";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { PostForm, SubmitButton } from "~/ui/form";

/**
 * The setting whether rules may start automations of the account. Off until a person with the permission switches it
 * on.
 */
export const AutomationsCard = ({ isAllowed, mayManage }: { isAllowed: boolean; mayManage: boolean }) => (
  <Card>
    <CardHeader
      title="Automations"
      description="A rule about incidents can start an automation of this account on the devices of an incident, through the automation’s webhook trigger. What an automation does on a device is up to Level."
      actions={isAllowed ? <Badge tone="warn">Rules may start them</Badge> : <Badge>Off</Badge>}
    />
    {mayManage && (
      <CardBody>
        {isAllowed ? (
          <PostForm intent="automations" preventScrollReset>
            <input type="hidden" name="allowed" value="false" />
            <SubmitButton intent="automations" variant="secondary">
              Do not let rules start automations
            </SubmitButton>
          </PostForm>
        ) : (
          <ConfirmButton
            intent="automations"
            fields={{ allowed: "true" }}
            label="Let rules start automations"
            title="Let rules start automations?"
            confirm="Let them"
          >
            Rules that have the address of a trigger then run automations on devices without asking anybody:
            once per incident and rule, at most 50 incidents an hour.
          </ConfirmButton>
        )}
      </CardBody>
    )}
  </Card>
);
