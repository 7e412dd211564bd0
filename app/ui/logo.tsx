import { cn } from "./cn";

/** Plumbline's mark: a hanging plumb line. */
export const LogoMark = ({ className }: { className?: string }) => (
  <svg viewBox="0 0 32 32" aria-hidden className={cn("size-7", className)}>
    <rect width="32" height="32" rx="7" fill="#123742" />
    <path d="M9 6.5h14" stroke="#9fd3df" strokeWidth="2.2" strokeLinecap="round" />
    <path d="M16 6.5v8" stroke="#9fd3df" strokeWidth="1.6" />
    <path d="M12.2 14.4h7.6v2.6L16 26.5l-3.8-9.5z" fill="#d8a64a" />
    <path d="M16 14.4h3.8v2.6L16 26.5z" fill="#b98530" />
  </svg>
);

export const Logo = ({ className }: { className?: string }) => (
  <span className={cn("inline-flex items-center gap-2.5", className)}>
    <LogoMark />
    <span className="text-[15px] font-semibold tracking-tight">Plumbline</span>
  </span>
);
