import { Form, Link, useLocation, useSubmit } from "@remix-run/react";
import { Columns3, Star, Users } from "lucide-react";

import { Button } from "~/ui/button";
import { Checkbox, Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { Popover, PopoverContent, PopoverTrigger } from "~/ui/popover";

import { useListAction } from "./asset-bulk";
import { assetColumns, columnLabels, customColumn, type AssetColumn } from "./asset-columns";
import type { SavedView } from "./saved-views.server";

interface ColumnMenuProps {
  columns: readonly AssetColumn[];
  customColumns: readonly { id: string }[];
  /** All custom fields that can be shown. */
  customFields: readonly { id: string; name: string }[];
}

/** Chooses the columns of the list. A choice applies at once and is remembered. */
export function ColumnMenu({ columns, customColumns, customFields }: ColumnMenuProps) {
  const submit = useSubmit();
  const kept = [...new URLSearchParams(useLocation().search)].filter(([name]) => name !== "col");
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Columns3 aria-hidden />
          Columns
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" aria-label="Columns" className="max-h-96 w-52 overflow-y-auto p-2">
        <Form onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}>
          {kept.map(([name, value]) => (
            <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
          ))}
          {/* Sent even if every box is empty, so that the list then shows the name alone. */}
          <input type="hidden" name="col" value="name" />
          {assetColumns.map((column) => (
            <label key={column} className="flex items-center gap-2 rounded-md px-2 py-1.5 hover:bg-sunken">
              <Checkbox name="col" value={column} defaultChecked={columns.includes(column)} />
              {columnLabels[column]}
            </label>
          ))}
          {customFields.length > 0 && (
            <fieldset className="mt-1 border-t border-line pt-1">
              <legend className="sr-only">Custom fields</legend>
              {customFields.map(({ id, name }) => (
                <label key={id} className="flex items-center gap-2 rounded-md px-2 py-1.5 hover:bg-sunken">
                  <Checkbox
                    name="col"
                    value={customColumn(id)}
                    defaultChecked={customColumns.some((column) => column.id === id)}
                  />
                  <span className="min-w-0 truncate" title={name}>
                    {name}
                  </span>
                </label>
              ))}
            </fieldset>
          )}
        </Form>
      </PopoverContent>
    </Popover>
  );
}

export interface ViewMenuProps {
  views: SavedView[];
  /** The filters, order and columns of the shown list. */
  shown: string;
  mayShare: boolean;
  error: string | undefined;
}

/** Saved filters, orders and columns: the person's own, and those that others share. */
export function ViewMenu({ views, shown, mayShare, error }: ViewMenuProps) {
  const action = useListAction();
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Star aria-hidden />
          Views
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" aria-label="Views" className="max-h-[70vh] overflow-y-auto">
        {views.length > 0 && (
          <ul className="border-b border-line p-1">
            {views.map((view) => (
              <li key={view.id} className="flex items-center gap-1 rounded-md hover:bg-sunken">
                <Link
                  to={`/assets?${view.query}`}
                  aria-current={view.query === shown ? "true" : undefined}
                  className="min-w-0 flex-1 truncate px-2 py-1.5 aria-[current=true]:font-medium aria-[current=true]:text-accent-strong"
                  title={view.name}
                >
                  {view.name}
                  {!view.isOwn && <span className="text-xs text-ink-faint"> by {view.owner}</span>}
                </Link>
                {view.isShared && view.isOwn && (
                  <span title="Shared with everybody" className="text-ink-faint">
                    <Users aria-hidden className="size-3.5" />
                    <span className="sr-only">Shared with everybody</span>
                  </span>
                )}
                {view.isOwn && (
                  <PostForm intent="remove-view" action={action}>
                    <input type="hidden" name="view" value={view.id} />
                    <SubmitButton
                      intent="remove-view"
                      variant="ghost"
                      size="sm"
                      aria-label={`Remove ${view.name}`}
                    >
                      Remove
                    </SubmitButton>
                  </PostForm>
                )}
              </li>
            ))}
          </ul>
        )}
        <PostForm intent="save-view" action={action} className="space-y-3 p-3">
          <Field label="Save what is shown as" error={error}>
            <Input name="name" maxLength={60} autoComplete="off" required />
          </Field>
          {mayShare && (
            <label className="flex items-center gap-2">
              <Checkbox name="shared" />
              Share with everybody
            </label>
          )}
          <SubmitButton intent="save-view" size="sm">
            Save the view
          </SubmitButton>
        </PostForm>
      </PopoverContent>
    </Popover>
  );
}
