import { Link, type LinkProps } from "@remix-run/react";
import { cva, type VariantProps } from "class-variance-authority";
import { forwardRef, type ButtonHTMLAttributes, type MouseEvent } from "react";

import { cn } from "./cn";
import { Spinner } from "./spinner";

const button = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors select-none aria-disabled:pointer-events-none aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent text-on-accent shadow-card hover:bg-accent-strong",
        secondary: "border border-line-strong bg-surface text-ink shadow-card hover:bg-sunken",
        ghost: "text-ink-muted hover:bg-sunken hover:text-ink",
        danger: "bg-bad text-on-bad shadow-card hover:bg-bad-strong",
        "danger-quiet": "border border-line-strong bg-surface text-bad shadow-card hover:bg-bad-soft",
      },
      size: {
        sm: "h-7 px-2.5 text-xs",
        md: "h-8 px-3 text-sm",
        lg: "h-10 px-4 text-sm",
        icon: "size-8",
        "icon-sm": "size-7",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

type Look = VariantProps<typeof button>;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Look {
  /** Shows that the action is running. The button keeps its width and ignores further presses. */
  busy?: boolean;
}

/** Stops the event, also the click that a browser makes of Enter in a field. */
function swallow(event: MouseEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

/**
 * A button that is off has `aria-disabled` and does nothing, but is not `disabled`: a browser takes the focus away from
 * a disabled button, which would put users of a keyboard or screen reader back at the top of the page.
 */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant, size, busy = false, className, children, disabled = false, type = "button", onClick, ...rest },
  ref,
) {
  const isOff = disabled || busy;
  return (
    <button
      ref={ref}
      type={type}
      aria-disabled={isOff || undefined}
      aria-busy={busy || undefined}
      onClick={isOff ? swallow : onClick}
      className={cn(button({ variant, size }), "relative", className)}
      {...rest}
    >
      <span className={cn("contents", busy && "[&>*]:invisible")}>{children}</span>
      {busy && (
        <span className="absolute inset-0 grid place-items-center rounded-md bg-inherit">
          <Spinner />
        </span>
      )}
    </button>
  );
});

/** A link that looks like a button. It leads to a page and changes nothing. */
export const ButtonLink = forwardRef<HTMLAnchorElement, LinkProps & Look>(function ButtonLink(
  { variant, size, className, ...rest },
  ref,
) {
  return <Link ref={ref} className={cn(button({ variant, size }), className)} {...rest} />;
});
