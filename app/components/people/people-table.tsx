import type { SerializeFrom } from "@remix-run/node";
import { useSubmit } from "@remix-run/react";

import { roles, roleTitles } from "~/auth/permissions";
import type { Person } from "~/presenters/people.server";

import { Badge } from "../ui/badge";
import { ConfirmButton } from "../ui/confirm-button";
import { Field, Select } from "../ui/field";
import { PostForm, SubmitButton } from "../ui/form";
import { Table, Td, Th, Tr } from "../ui/table";
import { RelativeTime } from "../ui/time";

type Row = SerializeFrom<Person>;

export const PeopleTable = ({ people, ownId }: { people: Row[]; ownId: string }) => (
  <Table label="People">
    <thead>
      <tr>
        <Th>Person</Th>
        <Th>Role</Th>
        <Th className="hidden md:table-cell">Last sign-in</Th>
        <Th>
          <span className="sr-only">Actions</span>
        </Th>
      </tr>
    </thead>
    <tbody>
      {people.map((person) => (
        <Tr key={person.id}>
          <Td className="max-w-64">
            <p className="truncate font-medium">
              {person.name} {person.id === ownId && <Badge tone="accent">You</Badge>}
              {!person.hasPassword && <Badge tone="warn">Invited</Badge>}
            </p>
            <p className="truncate text-xs text-ink-faint">{person.email}</p>
          </Td>
          <Td>
            <RoleForm person={person} />
          </Td>
          <Td className="hidden text-ink-muted md:table-cell">
            <RelativeTime
              at={person.lastSignInAt}
              absent={person.hasPassword ? "never" : <InvitedUntil person={person} />}
            />
          </Td>
          <Td>
            {person.id !== ownId && (
              <div className="flex justify-end gap-2">
                <PostForm intent="renew-link">
                  <input type="hidden" name="userId" value={person.id} />
                  <input type="hidden" name="email" value={person.email} />
                  <SubmitButton intent="renew-link" variant="secondary" size="sm">
                    {person.hasPassword ? "Reset link" : "New link"}
                  </SubmitButton>
                </PostForm>
                <ConfirmButton
                  intent="remove"
                  fields={{ userId: person.id }}
                  label="Remove"
                  title={`Remove ${person.name}?`}
                  confirm="Remove"
                >
                  {person.email} is signed out everywhere and can not sign in any more. What they did stays in
                  the audit log.
                </ConfirmButton>
              </div>
            )}
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

const InvitedUntil = ({ person }: { person: Row }) => (
  <>
    link good until <RelativeTime at={person.inviteExpiresAt} absent="–" />
  </>
);

/** A choice is sent at once; without scripts there is the button. */
function RoleForm({ person }: { person: Row }) {
  const submit = useSubmit();
  return (
    <PostForm
      intent="change-role"
      className="flex items-center gap-2"
      onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}
    >
      <input type="hidden" name="userId" value={person.id} />
      <Field label={`Role of ${person.name}`} labelHidden>
        <Select key={person.role} name="role" defaultValue={person.role} className="w-36">
          {roles.map((role) => (
            <option key={role} value={role}>
              {roleTitles[role].title}
            </option>
          ))}
        </Select>
      </Field>
      <noscript>
        <SubmitButton intent="change-role" variant="secondary" size="sm">
          Change
        </SubmitButton>
      </noscript>
    </PostForm>
  );
}
