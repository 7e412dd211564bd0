import { Form as RemixForm, useNavigation, type FormProps } from "@remix-run/react";
import { createContext, useContext, useEffect, useRef, type FormEvent, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";
import { useOnChange } from "./on-change";

/** Proves that a form was made for this very session; see the guard. Empty when nobody is signed in. */
const CsrfContext = createContext("");

export const CsrfProvider = CsrfContext.Provider;
export const useCsrf = () => useContext(CsrfContext);

export const CsrfField = () => <input type="hidden" name="csrf" value={useCsrf()} />;

/**
 * A form that changes something. Works without scripts. When it comes back refused, the first field that is wrong has
 * the focus, and what is wrong with it is read out. When it comes back done, what was typed as a secret is gone from it.
 * @param stored what the fields show, in a word: when it becomes another, by this form or elsewhere, they show that
 */
export function PostForm({
  children,
  intent,
  stored,
  onSubmit,
  ...rest
}: FormProps & { intent?: string; stored?: string | number | undefined; children: ReactNode }) {
  const form = useRef<HTMLFormElement>(null);
  useOnChange(stored, () => form.current?.reset());
  const wasSent = useRef(false);
  const { state } = useNavigation();
  useEffect(() => {
    if (state !== "idle" || !wasSent.current) return;
    wasSent.current = false;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (wrong) wrong.focus();
    else clearSecrets(form.current);
  }, [state]);
  const send = (event: FormEvent<HTMLFormElement>) => {
    wasSent.current = true;
    onSubmit?.(event);
  };
  return (
    <RemixForm ref={form} method="post" onSubmit={send} {...rest}>
      <CsrfField />
      {intent !== undefined && <input type="hidden" name="intent" value={intent} />}
      {children}
    </RemixForm>
  );
}

function clearSecrets(form: HTMLFormElement | null): void {
  for (const input of form?.querySelectorAll<HTMLInputElement>('input[type="password"]') ?? [])
    input.value = "";
}

/** Busy while a form with the same intent is on its way. */
export function SubmitButton({ intent, variant = "primary", ...rest }: ButtonProps & { intent?: string }) {
  const navigation = useNavigation();
  const sent = navigation.formMethod === "POST";
  const busy = sent && (intent === undefined || navigation.formData?.get("intent") === intent);
  return <Button type="submit" variant={variant} busy={busy} {...rest} />;
}
