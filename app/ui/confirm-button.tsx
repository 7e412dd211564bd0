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
  /** What will happen. */
  children: AskButtonProps["text"];
}

/** The answer has the colour of danger where the question has. */
const isDangerous = (variant: ConfirmButtonProps["variant"]) =>
  variant === "danger" || variant === "danger-quiet";

/** Asks before it does something that cannot be undone. */
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
