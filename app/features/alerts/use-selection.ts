import { useRef, useState, type ChangeEvent } from "react";

/** Which rows of a list are picked. Rows that have left the list are picked no more. */
export interface Selection {
  picked: string[];
  isPicked(id: string): boolean;
  /** Of a row's checkbox. With Shift all rows from the last one on become as this one, by mouse and by keyboard. */
  onPick(id: string, event: ChangeEvent<HTMLInputElement>): void;
  pickAll(isPicked: boolean): void;
  /** These and no others. */
  pick(ids: string[]): void;
}

export function useSelection(ids: string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const picked = ids.filter((id) => chosen.has(id));
  return {
    picked,
    isPicked: (id) => chosen.has(id),
    onPick(id, event) {
      const { shiftKey } = event.nativeEvent as MouseEvent;
      const from = shiftKey && last.current !== null ? ids.indexOf(last.current) : -1;
      const to = ids.indexOf(id);
      const range = from === -1 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
      const next = new Set(picked);
      for (const each of range) {
        if (event.currentTarget.checked) next.add(each);
        else next.delete(each);
      }
      last.current = id;
      setChosen(next);
    },
    pick: (these) => setChosen(new Set(these)),
    pickAll: (isPicked) => setChosen(new Set(isPicked ? ids : [])),
  };
}
