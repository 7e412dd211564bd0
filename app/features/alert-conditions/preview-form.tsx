import { CardFooter } from "~/ui/card";
import { SubmitButton } from "~/ui/form";

/** Put it first in a form with a preview, so that Enter previews instead of saving. */
export const EnterPreviews = () => (
  <button type="submit" name="intent" value="preview" className="sr-only" tabIndex={-1} aria-hidden />
);

/** The buttons of a form with a preview: save, or show what the saved form would have done. */
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
