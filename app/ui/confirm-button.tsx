import { AskButton, type AskButtonProps } from "./ask-button";
import { DialogActions } from "./dialog";
import { PostForm, SubmitButton } from "./form";

export interface ConfirmButtonProps extends Pick<AskButtonProps, "label" | "variant" | "size" | "title"> {
  intent: string;
  /** Hidden fields of the form. */
  fields?: Record<string, string>;
  action?: string;
  /** The text of the confirming button. */
  confirm: string;
  /** What confirming would do. */
  children: AskButtonProps["text"];
}

/** The confirming button has the colour of danger if the first button has it. */
const isDangerous = (variant: ConfirmButtonProps["variant"]) =>
  variant === "danger" || variant === "danger-quiet";

/** A button for an action that cannot be undone. Asks first. */
export const ConfirmButton = ({
  intent,
  fields = {},
  action,
  label,
  variant = "danger-quiet",
  size,
  title,
  confirm,
  children,
}: ConfirmButtonProps) => (
  <AskButton
    label={label}
    variant={variant}
    size={size}
    title={title}
    text={children}
    answer={({ cancel, close }) => (
      <PostForm intent={intent} onSubmit={close} {...(action === undefined ? {} : { action })}>
        {Object.entries(fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <DialogActions>
          {cancel}
          <SubmitButton intent={intent} variant={isDangerous(variant) ? "danger" : "primary"}>
            {confirm}
          </SubmitButton>
        </DialogActions>
      </PostForm>
    )}
  />
);
