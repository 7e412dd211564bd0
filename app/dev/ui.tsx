import { Inbox } from "lucide-react";
import type { ReactNode } from "react";

import { HOUR_MS } from "@domain/durations";
import { AskButton } from "~/ui/ask-button";
import { Badge, type Tone } from "~/ui/badge";
import { Button, ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Absent, Card, CardBody, CardFooter, CardHeader, Fact, Facts } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { DialogActions } from "~/ui/dialog";
import { EmptyState } from "~/ui/empty-state";
import { Checkbox, Field, Input, Select, Textarea } from "~/ui/field";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "~/ui/menu";
import { PageHeader } from "~/ui/page-header";
import { ListPages } from "~/ui/list-pages";
import { Pagination } from "~/ui/pagination";
import { Popover, PopoverContent, PopoverTrigger } from "~/ui/popover";
import { Progress, Skeleton } from "~/ui/progress";
import { Stat } from "~/ui/stat";
import { TabNav } from "~/ui/tab-nav";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime, RelativeTime, useClock } from "~/ui/time";
import { Tooltip } from "~/ui/tooltip";

const tones: Tone[] = ["neutral", "good", "warn", "bad", "worst", "info", "accent"];
const variants = ["primary", "secondary", "ghost", "danger", "danger-quiet"] as const;
const sizes = ["sm", "md", "lg"] as const;

/** Every UI primitive in each variant. Only a development build contains this page; see `remix.config.js`. */
export default function UiPrimitives() {
  const { now } = useClock();
  return (
    <main className="mx-auto max-w-5xl px-4 py-8">
      <PageHeader
        title="UI primitives"
        description="What app/ui offers. Look here before you write another."
        badges={<Badge tone="info">Development only</Badge>}
      />
      <div className="grid gap-5 md:grid-cols-2">
        <Sample name="Button" file="button">
          {variants.map((variant) => (
            <Button key={variant} variant={variant}>
              {variant}
            </Button>
          ))}
          {sizes.map((size) => (
            <Button key={size} size={size}>
              {size}
            </Button>
          ))}
          <Button busy>busy</Button>
          <Button disabled>disabled</Button>
          <ButtonLink to="/dev/ui">ButtonLink</ButtonLink>
          <CopyButton text="copied text" label="Copy the text" />
        </Sample>
        <Sample name="Badge" file="badge">
          {tones.map((tone) => (
            <Badge key={tone} tone={tone} dot>
              {tone}
            </Badge>
          ))}
          <Badge tone="accent" live>
            live
          </Badge>
        </Sample>
        <Sample name="Field, Input, Select, Textarea, Checkbox" file="field" stacked>
          <Field label="Name" hint="Says how to fill it in.">
            <Input defaultValue="Borealis GmbH" />
          </Field>
          <Field label="Name" error="A client with this name exists.">
            <Input defaultValue="Borealis GmbH" />
          </Field>
          <Field label="Type" optional>
            <Select defaultValue="server">
              <option value="server">Server</option>
              <option value="workstation">Workstation</option>
            </Select>
          </Field>
          <Field label="Notes">
            <Textarea
              defaultValue="Two lines&#10;of notes"
            />
          </Field>
          <label className="flex items-center gap-2 text-sm">
            <Checkbox defaultChecked /> Checkbox
          </label>
        </Sample>
        <Sample name="Callout" file="callout" stacked>
          {(["info", "good", "warn", "bad"] as const).map((tone) => (
            <Callout
              key={tone}
              tone={tone}
              title={`A ${tone} title`}
              actions={<Button size="sm">Act</Button>}
            >
              What happened, and what to do.
            </Callout>
          ))}
        </Sample>
        <Sample name="AskButton, Menu, Popover, Tooltip" file="ask-button">
          <AskButton
            label="Remove"
            variant="danger-quiet"
            title="Remove it?"
            text="What will happen. The real thing is ConfirmButton, or DialogContent for other questions."
            answer={({ cancel, close }) => (
              <DialogActions>
                {cancel}
                <Button variant="danger" onClick={close}>
                  Remove
                </Button>
              </DialogActions>
            )}
          />
          <Menu>
            <MenuTrigger asChild>
              <Button>Menu</Button>
            </MenuTrigger>
            <MenuContent>
              <MenuItem>First</MenuItem>
              <MenuSeparator />
              <MenuItem danger>Dangerous</MenuItem>
            </MenuContent>
          </Menu>
          <Popover>
            <PopoverTrigger asChild>
              <Button>Popover</Button>
            </PopoverTrigger>
            <PopoverContent className="p-3">A small panel.</PopoverContent>
          </Popover>
          <Tooltip text="Says more on hover and focus">
            <Button>Tooltip</Button>
          </Tooltip>
        </Sample>
        <Sample name="Progress, Skeleton" file="progress" stacked>
          <Progress label="Known" percent={60} />
          <Progress label="Not known" percent={null} />
          <Progress label="Bad" percent={90} tone="bad" />
          <Skeleton className="w-1/2" />
        </Sample>
        <Sample name="RelativeTime, ExactTime" file="time">
          <RelativeTime at={new Date(now - HOUR_MS)} />
          <ExactTime at={new Date(now - HOUR_MS)} />
          <RelativeTime at={null} />
        </Sample>
        <Sample name="Card, Facts" file="card" stacked>
          <Card>
            <CardHeader
              title="A title"
              description="A description"
              actions={<Button size="sm">Act</Button>}
            />
            <CardBody>
              <Facts>
                <Fact name="Hostname">borealis-dc01</Fact>
                <Fact name="Serial number">
                  <Absent />
                </Fact>
              </Facts>
            </CardBody>
            <CardFooter>
              <Button>Cancel</Button>
              <Button variant="primary">Save</Button>
            </CardFooter>
          </Card>
          <Stat label="Devices online" value={2_203} note="of 2,500" to="/dev/ui" />
        </Sample>
        <Sample name="EmptyState" file="empty-state" stacked>
          <EmptyState icon={Inbox} title="Nothing here yet" action={<Button>Do something</Button>}>
            Why, and what to do about it.
          </EmptyState>
        </Sample>
        <Sample name="TabNav" file="tab-nav" stacked>
          <TabNav
            label="Sample tabs"
            tabs={[
              { to: "/dev/ui", label: "Open", end: true },
              { to: "/dev/other", label: "Another" },
            ]}
          />
        </Sample>
        <Sample name="Table, Pagination" file="table" stacked>
          <Table label="Sample rows">
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>State</Th>
              </tr>
            </thead>
            <tbody>
              {["borealis-dc01", "borealis-dc02"].map((name) => (
                <Tr key={name}>
                  <Td>{name}</Td>
                  <Td>
                    <Badge tone="good" dot>
                      Online
                    </Badge>
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
          <Pagination page={2} pageSize={50} total={2_246} noun="asset" />
          <ListPages first={50} shown={50} total={2_246} pageSize={50} previous="a" next="b" noun="run" />
        </Sample>
      </div>
    </main>
  );
}

interface SampleProps {
  name: string;
  /** The primitive's file, in app/ui. */
  file: string;
  stacked?: boolean;
  children: ReactNode;
}

const Sample = ({ name, file, stacked = false, children }: SampleProps) => (
  <Card>
    <CardHeader title={name} description={`app/ui/${file}.tsx`} />
    <CardBody className={stacked ? "space-y-3" : "flex flex-wrap items-center gap-2"}>{children}</CardBody>
  </Card>
);
