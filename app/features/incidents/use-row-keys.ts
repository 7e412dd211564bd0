import { useEffect, useRef, useState } from "react";

/** The actions of a list's keyboard shortcuts; `id` is the current row's. */
export interface RowKeys {
  open(id: string): void;
  pick(id: string): void;
  /** Runs the shortcut of a letter. */
  act(letter: string, id: string): void;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("input:not([type=checkbox]), select, textarea, [role=dialog] *"));

/**
 * Moves through rows with `j` and `k`, opens with `o` or Enter, selects with `x`, and runs the shortcuts of other
 * letters. Ignores keys while the person types, and combinations with Ctrl, Alt or Meta.
 * @returns the current row's id, or null
 */
export function useRowKeys(ids: readonly string[], letters: string, keys: RowKeys): string | null {
  const [current, setCurrent] = useState<string | null>(null);
  const latest = useRef({ ids, letters, keys, current });
  useEffect(() => {
    latest.current = { ids, letters, keys, current };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const { ids: all, letters: known, keys: on, current: id } = latest.current;
      if (event.key === "j" || event.key === "k") {
        const at = id === null ? -1 : all.indexOf(id);
        const next = all[Math.max(0, Math.min(all.length - 1, at + (event.key === "j" ? 1 : -1)))];
        if (next === undefined) return;
        setCurrent(next);
        document.querySelector(`[data-row="${next}"]`)?.scrollIntoView({ block: "nearest" });
        return;
      }
      if (id === null || !all.includes(id)) return;
      // Enter on a link or a button activates that control instead.
      const isOnControl = event.target instanceof HTMLElement && event.target.matches("a, button, input");
      if (event.key === "o" || (event.key === "Enter" && !isOnControl)) on.open(id);
      else if (event.key === "x") on.pick(id);
      else if (known.includes(event.key)) on.act(event.key, id);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return current;
}
