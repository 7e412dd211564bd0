import { CardFooter } from "~/ui/card";
import { SubmitButton } from "~/ui/form";

/** Comes first in a form with a preview, so that Enter previews. */
export const EnterPreviews = () => (
  <button type="submit" name="intent" value="preview" className="sr-only" tabIndex={-1} aria-hidden />
);

/** The foot of such a form: save, or see what it would have done. */
export const PreviewFooter = () => (
  <CardFooter className="flex flex-wrap gap-2">
    <SubmitButton name="intent" value="save">
      Save
    </SubmitButton>
    <SubmitButton name="intent" value="preview" variant="secondary">
      What would it have done?
    </SubmitButton>
  </CardFooter>
);
