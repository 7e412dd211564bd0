import { Card, CardBody, CardHeader } from "../ui/card";
import { Field, Select } from "../ui/field";
import { PostForm, SubmitButton } from "../ui/form";

export interface MergeCardProps {
  name: string;
  others: { id: string; name: string }[];
  error: string | undefined;
}

/** Gives everything of this client to another. The choice is the confirmation: nothing is chosen at first. */
export const MergeCard = ({ name, others, error }: MergeCardProps) => (
  <Card>
    <CardHeader
      title="Merge into another client"
      description={`All assets and mapped groups of ${name} move there, and ${name} is archived.`}
    />
    <CardBody>
      <PostForm intent="merge" className="flex flex-wrap items-start gap-2">
        <Field label="Client" labelHidden error={error} className="min-w-48 flex-1">
          <Select name="into" defaultValue="" required>
            <option value="" disabled>
              Choose a client
            </option>
            {others.map((other) => (
              <option key={other.id} value={other.id}>
                {other.name}
              </option>
            ))}
          </Select>
        </Field>
        <SubmitButton intent="merge" variant="danger-quiet">
          Merge
        </SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);
