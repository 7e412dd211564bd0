import { Check, Copy, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";

import { Button } from "./button";

type Outcome = "copied" | "failed";

const looks = {
  copied: { icon: Check, tone: "text-good", word: "Copied" },
  failed: { icon: TriangleAlert, tone: "text-warn", word: "Copy by hand" },
} as const;

/** Copies `text`, and says for two seconds whether that worked. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const {
    icon: Icon,
    tone,
    word,
  } = outcome === null ? { icon: Copy, tone: "", word: "Copy" } : looks[outcome];
  return (
    <Button
      size="sm"
      onClick={(event) => void copy(text, event.currentTarget).then(setOutcome)}
      aria-label={label}
    >
      <Icon className={tone} aria-hidden />
      <span aria-live="polite">{word}</span>
    </Button>
  );
}

/**
 * Copies by the clipboard, which browsers offer only over https and with the person's permission; otherwise by a
 * selection.
 */
async function copy(text: string, button: HTMLElement): Promise<Outcome> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return copySelected(text, button) ? "copied" : "failed";
  }
}

/** Selects the text in a field and runs the browser's copy command. Returns whether that worked. */
function copySelected(text: string, button: HTMLElement): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "sr-only";
  // Beside the button, because an open dialog takes the focus back from any element outside of it.
  button.after(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    button.focus();
  }
}
