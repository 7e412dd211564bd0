import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { MailCheck } from "lucide-react";

import { count } from "@domain/format";
import { Badge, type Tone } from "~/ui/badge";
import { Card, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { Notifications } from "./notifications.page.server";

type Row = SerializeFrom<Notifications>["latest"][number];

const states: Record<Row["status"], { text: string; tone: Tone }> = {
  pending: { text: "Waiting", tone: "neutral" },
  waiting: { text: "In the next summary", tone: "neutral" },
  sent: { text: "Sent", tone: "good" },
  dead: { text: "Given up", tone: "bad" },
};

/** The latest notifications, each with whether it was sent. */
export const NotificationTable = ({ latest }: { latest: Row[] }) => (
  <Card>
    <CardHeader
      title="Latest notifications"
      description="Tried for 24 hours; what could not be sent is kept and can be sent again."
    />
    {latest.length === 0 ? (
      <EmptyState icon={MailCheck} title="No notifications yet">
        A notification is written when the state of a connection changes, or maintenance ends with incidents
        open.
      </EmptyState>
    ) : (
      <Table label="Latest notifications">
        <thead>
          <tr>
            <Th>What</Th>
            <Th className="hidden md:table-cell">To</Th>
            <Th className="hidden sm:table-cell">State</Th>
            <Th>
              <span className="sr-only">Action</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {latest.map((row) => (
            <Tr key={row.id}>
              <Td className="min-w-40 wrap-anywhere">
                <Link
                  to={row.path ?? `/settings/integrations/${row.connectionId}`}
                  className="font-medium hover:underline"
                >
                  {row.subject}
                </Link>
                <span className="block text-xs text-ink-faint">
                  <RelativeTime at={row.createdAt} />
                  <span className="md:hidden"> · {row.recipients.join(", ")}</span>
                </span>
                <div className="mt-1 sm:hidden">
                  <State row={row} />
                </div>
              </Td>
              <Td className="hidden min-w-40 text-ink-muted wrap-anywhere md:table-cell">
                {row.recipients.join(", ")}
              </Td>
              <Td className="hidden min-w-44 sm:table-cell">
                <State row={row} />
              </Td>
              <Td className="text-right">
                {row.status === "dead" && (
                  <PostForm intent="retry" preventScrollReset>
                    <input type="hidden" name="id" value={row.id} />
                    <SubmitButton variant="secondary" size="sm">
                      Send again
                    </SubmitButton>
                  </PostForm>
                )}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    )}
  </Card>
);

function State({ row }: { row: Row }) {
  const { text, tone } = states[row.status];
  return (
    <>
      <Badge tone={tone}>{text}</Badge>{" "}
      <span className="text-xs text-ink-faint">
        {row.status === "sent" ? (
          <RelativeTime at={row.sentAt} />
        ) : (
          row.attempts > 0 && `after ${count(row.attempts, "attempt")}`
        )}
        {row.status === "pending" && row.attempts > 0 && (
          <>
            , next <RelativeTime at={row.nextAttemptAt} />
          </>
        )}
      </span>
      {row.lastError !== null && (
        <span className="block max-w-80 text-xs break-words text-ink-muted">{row.lastError}</span>
      )}
    </>
  );
}
