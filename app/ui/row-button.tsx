import type { ReactNode } from "react";

import { PostForm, SubmitButton } from "./form";

export interface RowButtonProps {
  intent: string;
  /** The field in addition to the intent: the row in question. */
  fields: Record<string, string>;
  /** Where to; by default the page itself. */
  action?: string;
  /** The name of a button that is a picture. */
  label?: string;
  children: ReactNode;
}

/** A small button in a row of a list, with a form of its own that leaves the page where it is scrolled to. */
export const RowButton = ({ intent, fields, action, label, children }: RowButtonProps) => (
  <PostForm intent={intent} {...(action !== undefined && { action })} preventScrollReset>
    {Object.entries(fields).map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value} />
    ))}
    <SubmitButton
      intent={intent}
      variant="secondary"
      size="sm"
      {...(label !== undefined && { "aria-label": label, title: label })}
    >
      {children}
    </SubmitButton>
  </PostForm>
);
