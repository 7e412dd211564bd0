import { Form as RemixForm, useNavigation, type FormProps } from "@remix-run/react";
import { createContext, useContext, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";

/** Proves that a form was made for this very session; see the guard. Empty when nobody is signed in. */
const CsrfContext = createContext("");

export const CsrfProvider = CsrfContext.Provider;
export const useCsrf = () => useContext(CsrfContext);

export const CsrfField = () => <input type="hidden" name="csrf" value={useCsrf()} />;

/** A form that changes something. Works without scripts. */
export function PostForm({
  children,
  intent,
  ...rest
}: FormProps & { intent?: string; children: ReactNode }) {
  return (
    <RemixForm method="post" {...rest}>
      <CsrfField />
      {intent !== undefined && <input type="hidden" name="intent" value={intent} />}
      {children}
    </RemixForm>
  );
}

/** Busy while a form with the same intent is on its way. */
export function SubmitButton({ intent, variant = "primary", ...rest }: ButtonProps & { intent?: string }) {
  const navigation = useNavigation();
  const sent = navigation.formMethod === "POST";
  const busy = sent && (intent === undefined || navigation.formData?.get("intent") === intent);
  return <Button type="submit" variant={variant} busy={busy} {...rest} />;
}
