import { Badge } from "~/ui/badge";

export interface AgentStatusProps {
  status: "active" | "gone" | "retired";
  agentStatus: "online" | "offline" | null;
}

/** Whether the machine is online, or is no longer in the RMM. */
export function AgentStatusBadge({ status, agentStatus }: AgentStatusProps) {
  if (status === "gone") return <Badge tone="warn">Gone</Badge>;
  if (status === "retired") return <Badge>Retired</Badge>;
  if (agentStatus === null) return <Badge>Unknown</Badge>;
  return (
    <Badge tone={agentStatus === "online" ? "good" : "neutral"} dot>
      {agentStatus === "online" ? "Online" : "Offline"}
    </Badge>
  );
}
