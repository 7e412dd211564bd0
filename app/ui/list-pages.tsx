import { Form, Link, useLocation, useSubmit } from "@remix-run/react";
import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight } from "lucide-react";

import { count, formatNumber } from "@domain/format";

import { cn } from "./cn";
import { Input, Select } from "./field";
import { firstPage } from "./paths";

export interface ListPagesProps {
  /** The number of rows before the page, on the page, and in the list. */
  first: number;
  shown: number;
  total: number;
  pageSize: number;
  /** The sizes to choose from. Without them, pages have a fixed size and cannot be opened by number. */
  pageSizes?: readonly number[];
  /** The places of the previous and next page; absent at an end of the list. */
  previous?: string | undefined;
  next?: string | undefined;
  /** What the list counts, in the singular. */
  noun: string;
  /** Its plural, if that is not the singular with an s. */
  plural?: string;
}

/** Below a long list: the position, links to the pages around it and to both ends, and choices if the list has some. */
export function ListPages({
  first,
  shown,
  total,
  pageSize,
  pageSizes,
  previous,
  next,
  noun,
  plural = `${noun}s`,
}: ListPagesProps) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.floor(first / pageSize) + 1;
  return (
    <nav
      aria-label={`Pages of ${plural}`}
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-2.5 text-xs text-ink-muted tabular-nums"
    >
      <p>
        {formatNumber(total === 0 ? 0 : first + 1)}–{formatNumber(first + shown)} of{" "}
        {count(total, noun, plural)}
      </p>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {pageSizes !== undefined && total > pageSizes[0]! && <PageSize size={pageSize} sizes={pageSizes} />}
        {pages > 1 && (
          <div className="flex items-center gap-1">
            <PageLink to={previous && {}} label="First page" icon={ChevronFirst} />
            <PageLink to={previous && { before: previous }} label="Previous page" icon={ChevronLeft} />
            {pageSizes === undefined ? (
              <span className="px-1">
                Page {formatNumber(page)} of {formatNumber(pages)}
              </span>
            ) : (
              <PageNumber page={page} pages={pages} />
            )}
            <PageLink to={next && { after: next }} label="Next page" icon={ChevronRight} />
            <PageLink to={next && { page: "last" }} label="Last page" icon={ChevronLast} />
          </div>
        )}
      </div>
    </nav>
  );
}

/** Hidden fields that keep the address's other parameters. */
const Kept = ({ except }: { except: string }) => {
  const { search } = useLocation();
  const kept = [...firstPage(search)].filter(([name]) => name !== except);
  return kept.map(([name, value]) => (
    <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
  ));
};

function PageSize({ size, sizes }: { size: number; sizes: readonly number[] }) {
  const submit = useSubmit();
  return (
    <Form onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}>
      <Kept except="size" />
      <label className="flex items-center gap-1.5">
        Rows
        <Select key={size} name="size" defaultValue={size} className="h-7 w-18 text-xs">
          {sizes.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </label>
      <noscript>
        <button type="submit">Show</button>
      </noscript>
    </Form>
  );
}

function PageNumber({ page, pages }: { page: number; pages: number }) {
  return (
    <Form className="flex items-center gap-1 px-1">
      <Kept except="page" />
      <label className="flex items-center gap-1">
        Page
        <Input
          key={page}
          name="page"
          inputMode="numeric"
          defaultValue={page}
          maxLength={6}
          autoComplete="off"
          className="h-7 w-13 px-1.5 text-right text-xs"
        />
      </label>
      of {formatNumber(pages)}
    </Form>
  );
}

interface PageLinkProps {
  /** The place to go to; empty or undefined at an end of the list. */
  to: Record<string, string> | "" | undefined;
  label: string;
  icon: typeof ChevronLeft;
}

function PageLink({ to, label, icon: Icon }: PageLinkProps) {
  const { search } = useLocation();
  const look = cn(
    "grid size-7 place-items-center rounded-md border border-line-strong bg-surface text-ink shadow-card",
    to ? "hover:bg-sunken" : "opacity-40",
  );
  if (!to) {
    return (
      <span aria-hidden className={look}>
        <Icon className="size-4" />
      </span>
    );
  }
  const params = firstPage(search);
  for (const [name, value] of Object.entries(to)) params.set(name, value);
  return (
    <Link to={`?${params}`} preventScrollReset={false} aria-label={label} className={look}>
      <Icon aria-hidden className="size-4" />
    </Link>
  );
}
