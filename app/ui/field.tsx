import { ChevronDown } from "lucide-react";
import {
  createContext,
  forwardRef,
  useContext,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";

import { cn } from "./cn";

interface FieldIds {
  control: string;
  hint: string | undefined;
  error: string | undefined;
}

const FieldContext = createContext<FieldIds | null>(null);

export interface FieldProps {
  label: ReactNode;
  /** Shows the label to screen readers alone. */
  labelHidden?: boolean;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  className?: string;
  children: ReactNode;
}

/** A label, its control, a hint and an error, linked for assistive technology. */
export function Field({ label, labelHidden, hint, error, optional, className, children }: FieldProps) {
  const id = useId();
  const ids: FieldIds = {
    control: id,
    hint: hint === undefined ? undefined : `${id}-hint`,
    error: error === undefined ? undefined : `${id}-error`,
  };
  return (
    <div className={cn("space-y-1.5", className)}>
      <label htmlFor={id} className={cn("block text-sm font-medium", labelHidden && "sr-only")}>
        {label}
        {optional && <span className="font-normal text-ink-faint"> (optional)</span>}
      </label>
      <FieldContext.Provider value={ids}>{children}</FieldContext.Provider>
      {error !== undefined && (
        <p id={ids.error} className="text-sm text-bad">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={ids.hint} className="text-xs text-ink-faint">
          {hint}
        </p>
      )}
    </div>
  );
}

function useFieldAttributes() {
  const ids = useContext(FieldContext);
  if (ids === null) return {};
  const describedBy = [ids.error, ids.hint].filter((id) => id !== undefined).join(" ");
  return {
    id: ids.control,
    "aria-invalid": ids.error === undefined ? undefined : true,
    "aria-describedby": describedBy === "" ? undefined : describedBy,
  } as const;
}

// 16 px on phones: smaller text in a field makes iOS zoom the page.
const control =
  "w-full rounded-md border border-line-strong bg-surface text-base text-ink shadow-card placeholder:text-ink-faint/80 hover:border-ink-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-bad sm:text-sm";

/**
 * Updates the value to which the form resets. React keeps the first one for a select, and for a number field that has
 * the focus.
 */
function useDefault<Control extends HTMLInputElement | HTMLSelectElement>(
  value: InputHTMLAttributes<unknown>["defaultValue"],
  set: (control: Control, value: string) => void,
) {
  const control = useRef<Control>(null);
  useEffect(() => {
    if (value !== undefined) set(control.current!, String(value));
  }, [value, set]);
  return control;
}

const setInput = (input: HTMLInputElement, value: string) => (input.defaultValue = value);

function setOption(select: HTMLSelectElement, value: string): void {
  for (const option of select.options) option.defaultSelected = option.value === value;
}

export const Input = forwardRef<HTMLInputElement, InputHTMLAttributes<HTMLInputElement>>(function Input(
  { className, ...rest },
  outer,
) {
  const ref = useDefault(rest.defaultValue, setInput);
  useImperativeHandle(outer, () => ref.current!, [ref]);
  return (
    <input ref={ref} className={cn(control, "h-8 px-2.5", className)} {...useFieldAttributes()} {...rest} />
  );
});

export const Textarea = forwardRef<HTMLTextAreaElement, TextareaHTMLAttributes<HTMLTextAreaElement>>(
  function Textarea({ className, rows = 3, ...rest }, ref) {
    return (
      <textarea
        ref={ref}
        rows={rows}
        className={cn(control, "px-2.5 py-1.5", className)}
        {...useFieldAttributes()}
        {...rest}
      />
    );
  },
);

/** The browser's own select, which works with a keyboard, a screen reader, on a phone, and without scripts. */
export const Select = forwardRef<HTMLSelectElement, SelectHTMLAttributes<HTMLSelectElement>>(function Select(
  { className, children, ...rest },
  outer,
) {
  const ref = useDefault(rest.defaultValue, setOption);
  useImperativeHandle(outer, () => ref.current!, [ref]);
  return (
    <span className={cn("relative block", className)}>
      <select
        ref={ref}
        className={cn(control, "h-8 appearance-none truncate pr-8 pl-2.5")}
        {...useFieldAttributes()}
        {...rest}
      >
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2 right-2 size-4 text-ink-faint" />
    </span>
  );
});

export const Checkbox = forwardRef<HTMLInputElement, InputHTMLAttributes<HTMLInputElement>>(function Checkbox(
  { className, ...rest },
  ref,
) {
  return (
    <input ref={ref} type="checkbox" className={cn("size-4 shrink-0 accent-accent", className)} {...rest} />
  );
});
