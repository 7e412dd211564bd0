import { Download } from "lucide-react";

/** A link to a file, which does not leave the page. */
export const DownloadLink = ({ href, children = "Download CSV" }: { href: string; children?: string }) => (
  <a
    href={href}
    className="inline-flex items-center gap-1.5 px-2 text-sm font-medium text-accent hover:underline"
  >
    <Download aria-hidden className="size-4" />
    {children}
  </a>
);
