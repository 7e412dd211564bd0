import { Form as RemixForm, useNavigation, type FormProps } from "@remix-run/react";
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  type FormEvent,
  type ReactNode,
  type RefObject,
} from "react";

import { Button, type ButtonProps } from "./button";
import { useUnsaved } from "./leave-guard";
import { useOnChange } from "./on-change";

/** The CSRF token, which proves that a form was made for this session; see the guard. Empty if nobody is signed in. */
const CsrfContext = createContext("");

export const CsrfProvider = CsrfContext.Provider;

/** The CSRF token of the session, which every form and script sends. */
export const useCsrf = () => useContext(CsrfContext);

export const CsrfField = () => <input type="hidden" name="csrf" value={useCsrf()} />;

interface PostFormProps extends FormProps {
  intent?: string;
  stored?: string | number | undefined;
  asksBeforeLeaving?: boolean;
  children: ReactNode;
}

/**
 * A form that changes something. Works without scripts. After a refusal, the first wrong field gets the focus, and
 * screen readers read its error. After success, typed secrets are removed from the form.
 * @param stored the fingerprint of the stored values: if it changes, because of this form or another change, the fields
 * show the stored values
 * @param asksBeforeLeaving whether a link away from unsaved input asks first
 */
export function PostForm({
  children,
  intent,
  stored,
  asksBeforeLeaving = stored !== undefined,
  onSubmit,
  ...rest
}: PostFormProps) {
  const form = useRef<HTMLFormElement>(null);
  useOnChange(stored, () => form.current?.reset());
  useAskBeforeLeaving(form, asksBeforeLeaving, stored);
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

/** The values of all fields except hidden ones, as one text. */
const shownValues = (form: HTMLFormElement): string =>
  [...form.elements]
    .filter(
      (field) =>
        field instanceof HTMLInputElement ||
        field instanceof HTMLTextAreaElement ||
        field instanceof HTMLSelectElement,
    )
    .filter(({ type }) => type !== "hidden")
    .map((field) =>
      field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)
        ? field.checked
        : field.value,
    )
    .join("\0");

/** Whether the form's values differ from those that it showed. */
const isChangedFrom = (shown: RefObject<string | undefined>, { current: form }: RefObject<HTMLFormElement>) =>
  form !== null && shownValues(form) !== shown.current;

/**
 * Asks before leaving the form if its values differ from those that it showed at first, or since `stored` last changed.
 */
function useAskBeforeLeaving(form: RefObject<HTMLFormElement>, isAsked: boolean, stored: unknown): void {
  const shown = useRef<string>();
  useEffect(() => {
    if (form.current !== null) shown.current = shownValues(form.current);
  }, [form, stored]);
  useUnsaved({
    lost: () =>
      isAsked && isChangedFrom(shown, form) ? "What you changed in the form would be lost." : null,
  });
  useEffect(() => {
    if (!isAsked) return;
    const warn = (event: BeforeUnloadEvent) => isChangedFrom(shown, form) && event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [form, isAsked]);
}

function clearSecrets(form: HTMLFormElement | null): void {
  for (const input of form?.querySelectorAll<HTMLInputElement>('input[type="password"]') ?? [])
    input.value = "";
}

/** A submit button that is busy while a form with its intent is being sent. */
export function SubmitButton({ intent, variant = "primary", ...rest }: ButtonProps & { intent?: string }) {
  const navigation = useNavigation();
  const sent = navigation.formMethod === "POST";
  const busy = sent && (intent === undefined || navigation.formData?.get("intent") === intent);
  return <Button type="submit" variant={variant} busy={busy} {...rest} />;
}
