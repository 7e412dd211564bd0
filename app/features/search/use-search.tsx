import { lazy, Suspense, useEffect, useState } from "react";

import type { Role } from "@domain/permissions";

const loadDialog = () => import("./search-dialog");
const SearchDialog = lazy(loadDialog);

/** Whether the focused element takes the key as text. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select, [role=combobox], [role=textbox]"));

/** Whether another dialog is open, which the person has to answer first. */
const isAsking = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;

/** Whether a key opens the search: ⌘K or Ctrl-K anywhere, or a slash outside of fields. */
const opensSearch = (event: KeyboardEvent): boolean =>
  !event.altKey &&
  ((event.key === "k" && (event.metaKey || event.ctrlKey)) ||
    (event.key === "/" && !event.metaKey && !event.ctrlKey && !isTyping(event.target)));

/**
 * Search over everything, opened by its keys and by `openSearch`. `prepareSearch` loads its code before somebody opens
 * it.
 */
export function useSearch(role: Role) {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!opensSearch(event) || event.defaultPrevented || isAsking()) return;
      event.preventDefault();
      setIsOpen(true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return {
    openSearch: () => setIsOpen(true),
    prepareSearch: () => void loadDialog(),
    search: isOpen && (
      <Suspense fallback={null}>
        <SearchDialog role={role} onClose={() => setIsOpen(false)} />
      </Suspense>
    ),
  };
}
