import { useFetcher, useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";

import type { WantedPreview } from "~/sync/preview-wanted";

import { refusalIn } from "../integrations/refusal";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog, DialogActions, DialogContent } from "../ui/dialog";
import { count } from "../ui/format";
import { useCsrf } from "../ui/form";
import { Skeleton } from "../ui/progress";
import { changesOf } from "./model";
import { PreviewPanel } from "./preview-panel";
import type { Mapping } from "./use-mapping";

type Answer = { preview: WantedPreview } | { errors: Partial<Record<string, string>> };

/** The changes that are not saved yet, and the way to save them: all at once, after a look at what they would do. */
export function SaveBar({ mapping, changedBy }: { mapping: Mapping; changedBy: string | null }) {
  const [open, setOpen] = useState(false);
  const n = mapping.drafts.size;
  useWarnBeforeLeaving(n > 0);
  return (
    <>
      {n > 0 && (
        <div
          role="region"
          aria-label="Unsaved changes"
          className="sticky bottom-3 z-30 flex animate-enter flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line-strong bg-raised px-4 py-3 shadow-pop"
        >
          <p className="flex-1 basis-36 text-sm">
            <span className="font-medium">{count(n, "unsaved change")}</span>
            {mapping.isStale && (
              <span className="block text-warn">
                {changedBy ?? "Somebody"} changed the mapping meanwhile. Nothing of it was overwritten.
              </span>
            )}
          </p>
          <div className="flex gap-2">
            <Button onClick={mapping.discard}>Discard</Button>
            {mapping.isStale ? (
              <Button variant="primary" onClick={mapping.rebase}>
                Keep mine on top of it
              </Button>
            ) : (
              <Button variant="primary" onClick={() => setOpen(true)}>
                Review and save
              </Button>
            )}
          </div>
        </div>
      )}
      <Dialog open={open && n > 0 && !mapping.isStale} onOpenChange={setOpen}>
        <DialogContent title="Save the mapping?" className="max-w-xl">
          {open && <Review mapping={mapping} onClose={() => setOpen(false)} />}
        </DialogContent>
      </Dialog>
    </>
  );
}

function Review({ mapping, onClose }: { mapping: Mapping; onClose: () => void }) {
  const csrf = useCsrf();
  const look = useFetcher<Answer>();
  const save = useFetcher<Answer>();
  const body = {
    csrf,
    version: String(mapping.baseVersion),
    changes: JSON.stringify(changesOf(mapping.drafts)),
  };
  const [asked] = useState(body);
  const { submit } = look;
  useEffect(() => {
    submit({ ...asked, intent: "preview" }, { method: "post" });
  }, [asked, submit]);
  const preview = look.data !== undefined && "preview" in look.data ? look.data.preview : undefined;
  const refusal = refusalIn(save.data) ?? refusalIn(look.data);
  const { revalidate } = useRevalidator();
  const loadTheirs = () => {
    revalidate();
    onClose();
  };
  return (
    <>
      {refusal !== undefined && (
        <Callout
          tone="bad"
          alert
          className="mb-4"
          actions={refusal.errors.version !== undefined && <Button onClick={loadTheirs}>Load theirs</Button>}
        >
          {Object.values(refusal.errors).join(" ")}
        </Callout>
      )}
      {preview !== undefined ? (
        <PreviewPanel preview={preview} />
      ) : (
        refusal === undefined && (
          <div className="space-y-2" aria-busy>
            <span className="sr-only">Working out what this would do</span>
            <Skeleton className="w-3/4" />
            <Skeleton className="w-1/2" />
            <Skeleton className="w-2/3" />
          </div>
        )
      )}
      <DialogActions>
        <Button onClick={onClose}>Back to the tree</Button>
        <Button
          variant="primary"
          disabled={preview === undefined}
          busy={save.state !== "idle"}
          onClick={() => save.submit({ ...body, intent: "save" }, { method: "post" })}
        >
          Save {count(mapping.drafts.size, "change")}
        </Button>
      </DialogActions>
    </>
  );
}

/** The browser's own question when the page is closed or loaded anew. */
function useWarnBeforeLeaving(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [active]);
}
