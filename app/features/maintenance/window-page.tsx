import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { PageHeader } from "~/ui/page-header";

import { PreviewCard, WindowForm, type WindowAnswer, type WindowFormProps } from "./window-form";

export interface WindowPageProps {
  title: string;
  form: Omit<WindowFormProps, "errors"> & { isPaused: boolean };
  answer: WindowAnswer | undefined;
}

/** The page of a new or existing window, with its preview beside the form. */
export const WindowPage = ({ title, form, answer }: WindowPageProps) => (
  <>
    <PageHeader
      title={title}
      back={{ to: "/settings/maintenance", label: "Maintenance" }}
      badges={form.isPaused && <Badge tone="warn">Paused</Badge>}
    />
    {answer?.errors["form"] !== undefined && (
      <Callout tone="bad" alert className="mb-5">
        {answer.errors["form"]}
      </Callout>
    )}
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <WindowForm
        values={answer?.values ?? form.values}
        errors={answer?.errors ?? {}}
        choices={form.choices}
        timeZone={form.timeZone}
      />
      {answer?.preview !== undefined && <PreviewCard preview={answer.preview} />}
    </div>
  </>
);
