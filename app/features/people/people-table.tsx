import type { SerializeFrom } from "@remix-run/node";
import { useState } from "react";

import { roles, roleTitles } from "@domain/permissions";
import type { FormProblem } from "~/platform/http/form.server";
import { Badge } from "~/ui/badge";
import { ConfirmButton } from "~/ui/confirm-button";
import { Field, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { Person } from "./people.page.server";

type Row = SerializeFrom<Person>;

export interface PeopleTableProps {
  people: Row[];
  ownId: string;
  refusal: FormProblem | undefined;
}

export const PeopleTable = ({ people, ownId, refusal }: PeopleTableProps) => (
  <Table label="People">
    <thead className="max-sm:sr-only">
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
        // Stacked on a phone, because the role and the buttons need the width.
        <Tr
          key={person.id}
          className="max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:px-4 max-sm:py-1"
        >
          <Td className="max-w-64 max-sm:basis-full max-sm:px-0!">
            <p className="truncate font-medium">
              {person.name} {person.id === ownId && <Badge tone="accent">You</Badge>}
              {person.isLocked && <Badge tone="bad">Sign-in locked</Badge>}
              {!person.hasPassword && <Badge tone="warn">Invited</Badge>}
            </p>
            <p className="truncate text-xs text-ink-faint">{person.email}</p>
          </Td>
          <Td className="max-sm:px-0!">
            <RoleForm person={person} refusal={refusal} />
          </Td>
          <Td className="hidden text-ink-muted md:table-cell">
            <RelativeTime
              at={person.lastSignInAt}
              absent={person.hasPassword ? "never" : <InvitedUntil person={person} />}
            />
          </Td>
          <Td className="max-sm:grow max-sm:px-0!">
            {person.id !== ownId && (
              <div className="flex flex-wrap justify-end gap-2">
                {person.isLocked && (
                  <PostForm intent="unlock-sign-in">
                    <input type="hidden" name="userId" value={person.id} />
                    <SubmitButton intent="unlock-sign-in" variant="secondary" size="sm">
                      Unlock
                    </SubmitButton>
                  </PostForm>
                )}
                <PostForm intent="renew-link">
                  <input type="hidden" name="userId" value={person.id} />
                  <input type="hidden" name="email" value={person.email} />
                  <SubmitButton intent="renew-link" variant="secondary" size="sm">
                    {person.hasPassword ? "Reset link" : "New link"}
                  </SubmitButton>
                </PostForm>
                {person.hasPassword && (
                  <ConfirmButton
                    intent="end-sessions"
                    fields={{ userId: person.id }}
                    label="End sessions"
                    variant="secondary"
                    title={`Sign ${person.name} out everywhere?`}
                    confirm="End sessions"
                  >
                    {person.email} is signed out on every device, and can sign in again.
                  </ConfirmButton>
                )}
                <ConfirmButton
                  intent="remove"
                  fields={{ userId: person.id }}
                  label="Remove"
                  title={`Remove ${person.name}?`}
                  confirm="Remove"
                >
                  {person.email} is signed out everywhere and can no longer sign in. What they did stays in
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
    link ends <RelativeTime at={person.inviteExpiresAt} absent="–" />
  </>
);

/** The form of a person's role. Only the button submits it, because an arrow key in the list must not change a role. */
function RoleForm({ person, refusal }: { person: Row; refusal: FormProblem | undefined }) {
  const [chosen, setChosen] = useState(person.role);
  const [last, setLast] = useState({ refusal, role: person.role });
  // Drops the choice if it was refused, or another person changed the role.
  if (refusal !== last.refusal || person.role !== last.role) {
    setLast({ refusal, role: person.role });
    setChosen(person.role);
  }
  return (
    <PostForm intent="change-role" className="flex items-center gap-2" preventScrollReset>
      <input type="hidden" name="userId" value={person.id} />
      <input type="hidden" name="version" value={person.version} />
      <Field label={`Role of ${person.name}`} labelHidden>
        <Select
          name="role"
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value as Row["role"])}
          className="w-36 max-sm:w-42"
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {roleTitles[role].title}
            </option>
          ))}
        </Select>
      </Field>
      <SubmitButton
        intent="change-role"
        variant="secondary"
        size="sm"
        aria-label={`Change ${person.name}'s role`}
      >
        Change
      </SubmitButton>
    </PostForm>
  );
}
