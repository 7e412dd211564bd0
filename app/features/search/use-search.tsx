import { lazy, Suspense, useEffect, useState } from "react";

import type { Role } from "@domain/permissions";

const loadDialog = () => import("./search-dialog");
const SearchDialog = lazy(loadDialog);

/** Whether a key is meant for what has the focus: letters typed there are text. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select, [role=combobox], [role=textbox]"));

/** Something else asks a question: it is answered first. */
const isAsking = (): boolean => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;

/** ⌘K or Ctrl-K anywhere, or a slash where nothing is typed into. */
const opensSearch = (event: KeyboardEvent): boolean =>
  !event.altKey &&
  ((event.key === "k" && (event.metaKey || event.ctrlKey)) ||
    (event.key === "/" && !event.metaKey && !event.ctrlKey && !isTyping(event.target)));

/**
 * Search over everything: opened by its keys and by `openSearch`. Its code is loaded when somebody is about to open it.
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
