import { Link } from "@remix-run/react";
import { SearchX } from "lucide-react";

import { count } from "@domain/format";
import { levelPath } from "~/features/connections/paths";
import { Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { useKeptFocus } from "~/ui/kept-focus";
import { useUnsaved } from "~/ui/leave-guard";

import { MappingToolbar, SelectionBar } from "./mapping-toolbar";
import type { MappingPage } from "./mapping.page.server";
import { RulesCard } from "./rules-card";
import { SaveBar } from "./save-bar";
import { TreeGrid } from "./tree-grid";
import { useMapping } from "./use-mapping";

export interface MappingEditorProps {
  page: MappingPage;
  connectionId: string;
  initialQuery: string;
  changedBy: string | null;
  mayEdit: boolean;
}

/** The tree of groups with their clients. Changes are collected until they are saved. */
export function MappingEditor({ page, connectionId, initialQuery, changedBy, mayEdit }: MappingEditorProps) {
  const mapping = useMapping(page, initialQuery, mayEdit ? connectionId : null);
  const changes = mapping.drafts.size;
  useUnsaved({
    lost: () => (changes === 0 ? null : `${count(changes, "change")} of the mapping would be lost.`),
    onLeave: mapping.discard,
  });
  const keptFocus = useKeptFocus<HTMLDivElement>((area) =>
    area.querySelector('[role="treegrid"] [role="row"][tabindex="0"]'),
  );
  return (
    <div {...keptFocus} className="space-y-3">
      <Card>
        <MappingToolbar mapping={mapping} mayEdit={mayEdit} />
        {mayEdit && <SelectionBar mapping={mapping} clients={page.clients} />}
        {mapping.rows.length > 0 ? (
          <TreeGrid
            devicesAreKnown={page.devicesAreKnown}
            mapping={mapping}
            clients={page.clients}
            parts={page.parts}
            mayEdit={mayEdit}
          />
        ) : (
          <EmptyState icon={SearchX} title="No group matches" />
        )}
        <p className="border-t border-line px-4 py-2.5 text-xs text-ink-faint">
          {count(mapping.rows.length, "group")} shown of {count(page.groups.length, "group")}.{" "}
          {page.ungroupedDevices > 0 && (
            <Link
              to={`${levelPath(connectionId, "devices")}?state=ungrouped`}
              className="text-accent underline"
            >
              {count(page.ungroupedDevices, "device")} in no group.
            </Link>
          )}{" "}
          {page.devicesAreKnown
            ? "Devices are counted by us, as of the last sync."
            : "Devices are counted once the first full sync has read them."}
        </p>
      </Card>
      {(mayEdit || page.rules.length > 0) && (
        <RulesCard page={page} connectionId={connectionId} mayEdit={mayEdit} hasDrafts={changes > 0} />
      )}
      {mayEdit && <SaveBar mapping={mapping} connectionId={connectionId} changedBy={changedBy} />}
    </div>
  );
}
