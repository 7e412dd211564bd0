import type { ReactNode } from "react";

import { PostForm, SubmitButton } from "./form";

export interface RowButtonProps {
  intent: string;
  /** The form's fields besides the intent, which identify the row. */
  fields: Record<string, string>;
  /** The address that the form is sent to; the page itself by default. */
  action?: string;
  /** The name of a button that shows an icon alone. */
  label?: string;
  children: ReactNode;
}

/** A small button in a row of a list. Its form keeps the page's scroll position. */
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
