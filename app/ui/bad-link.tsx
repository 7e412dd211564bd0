import { ButtonLink } from "./button";
import { FrontPage } from "./front-page";

/** Replaces a page whose link does not work. Says what is wrong, and what to do. */
export const BadLink = ({ title, text }: { title: string; text: string }) => (
  <FrontPage title={title}>
    <p className="text-sm text-ink-muted">{text}</p>
    <ButtonLink to="/sign-in" variant="secondary" className="mt-5 w-full">
      Go to sign-in
    </ButtonLink>
  </FrontPage>
);
